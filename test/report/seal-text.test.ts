import { expect, test } from "vitest";
import { findingsText } from "../../src/report/findings-text.ts";
import { sealSentences, sealSummary } from "../../src/report/seal-text.ts";
import { arms } from "../../src/results/labels.ts";
import type { Finding, SealState } from "../../src/verdicts/finding.ts";
import { judge } from "../../src/verdicts/judge.ts";
import { readRegistration } from "../../src/verdicts/read-registration.ts";
import { armResult, seedResult } from "../seed-results.ts";

const registration = readRegistration("01-main-comparison");
const rates = [arms.dpo, arms.dpo2x, arms.dpo5x, arms.dpoBest, arms.onlineSft, arms.onlineDpo].map(
  (arm, index) => armResult(arm, index / 10),
);
const [finding] = judge(
  registration,
  registration.seeds.test.laptop!.map((seed) => seedResult(seed, { arms: rates })),
);
const withSeal = (seal?: SealState): Finding => ({
  ...finding!,
  seal,
  ...(seal?.kind === "broken" && { status: "uninformative" }),
});
const broken: SealState = { kind: "broken", changes: ["the row of DPO is missing", "seed 22 left out"] };
const other: SealState = {
  kind: "other experiment",
  changes: ["the definition of arm DPO changed (seed 21)"],
};

test("a verdict whose seal is broken is not shown, but what was changed", () => {
  const text = findingsText([withSeal(broken)]);
  expect(text).toMatch(/^\*\*main: seal broken\.\*\* Preference fine-tuning/);
  expect(text).toContain("\n- Seal broken: the row of DPO is missing; seed 22 left out.");
  expect(text).not.toMatch(/supported|interval|Uninformative/i);
});

test("a verdict of other settings is shown as one of another experiment", () => {
  const text = findingsText([withSeal(other)]);
  expect(text).toMatch(/^\*\*main: supported\.\*\*/);
  expect(text).toContain("- Not the sealed experiment: the definition of arm DPO changed (seed 21).");
});

test("nothing is said of a seal that holds, or that was not looked for", () => {
  for (const seal of [undefined, { kind: "intact", compared: "everything" }] as const) {
    expect(sealSentences({ seal })).toEqual([]);
    expect(findingsText([withSeal(seal)])).toBe(findingsText([finding!]));
  }
});

test("the summary says what was compared, and names what is broken, changed or not sealed", () => {
  expect(sealSummary([finding!])).toBe("");
  expect(sealSummary([withSeal({ kind: "intact", compared: "everything" })])).toBe(
    "Rules, code, settings, rows and numbers are those that were sealed.",
  );
  expect(sealSummary([withSeal({ kind: "intact", compared: "all but rows" })])).toContain(
    "rows of this run are new",
  );
  expect(sealSummary([withSeal({ kind: "intact", compared: "rules and code" })])).toContain(
    "settings and rows are sealed for the preset laptop",
  );
  const several = [withSeal(broken), withSeal(other), withSeal({ kind: "unsealed" })];
  expect(sealSummary(several)).toBe(
    "**Seal broken: main.** No verdict is shown for what was changed. **Not the sealed experiment: main.** Not sealed: main.",
  );
});
