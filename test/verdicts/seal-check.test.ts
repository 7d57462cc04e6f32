import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { laboratory } from "../../src/experiments/laboratory.ts";
import { twoWordsConfig } from "../../src/experiments/two-words/plan.ts";
import { collect } from "../../src/results/collect.ts";
import { arms, variant } from "../../src/results/labels.ts";
import { ledgerRecords } from "../../src/results/ledger.ts";
import { type Arm, arm, type Plan, type SeedPlan, seedPlan } from "../../src/results/plan.ts";
import { judge } from "../../src/verdicts/judge.ts";
import { parseRegistration } from "../../src/verdicts/read-registration.ts";
import { judgeSealed } from "../../src/verdicts/seal-check.ts";
import { type EvaluationRow, SealedCopy, sealTexts } from "../sealed-ledger.ts";

/* One kind of tampering per test; each must be named, and must leave the hypotheses that it does not concern. */

const ID = "10-replication";
const INTACT = { "no-better": "intact", contrast: "intact", "verification-contrast": "intact" };
const ownLab = (seed: number) => laboratory(twoWordsConfig("laptop"), seed);

/** The stage that evaluates an arm of the first seed. */
function evaluationOf({ plans }: SealedCopy, { id }: { readonly id: string }, index = 0) {
  const found = plans[index]?.evaluations.find(({ label }) => label.id === id);
  if (found === undefined) throw new Error(`There is no arm ${id}.`);
  return found;
}

/** The plans with every arm put through `change`. */
const changedPlans = (
  plans: readonly SeedPlan[],
  change: (arms: readonly Arm[], seed: number) => readonly Arm[],
): SeedPlan[] =>
  plans.map(({ seed, plan }) => seedPlan(seed, { ...plan, arms: change(plan.arms, seed) } satisfies Plan));

/** DPO with another β in the place of DPO. */
const withOtherDpo = (plans: readonly SeedPlan[]) =>
  changedPlans(plans, (planned, seed) =>
    planned.map((one) =>
      one.label.id === arms.dpo.id ? arm(one.label, ownLab(seed).dpo(1, { beta: 3 })) : one,
    ),
  );

const plusGold = ({ evaluation, ...rest }: EvaluationRow) => ({
  ...rest,
  evaluation: { ...evaluation, greedyRewards: evaluation.greedyRewards.map((reward) => reward + 0.3) },
});

test("nothing is reported of what is as it was sealed, and every verdict stands", () => {
  const copy = new SealedCopy(ID);
  const findings = copy.findings();
  expect(sealTexts(findings)).toEqual(INTACT);
  expect(findings.map(({ seal }) => seal)).toEqual(
    findings.map(() => ({ kind: "intact", compared: "everything" })),
  );
  const judged = judge(
    parseRegistration(copy.yaml),
    copy.plans.map((one) => collect(one, ledgerRecords(copy.folder))),
  );
  expect(findings.map(({ status }) => status)).toEqual(judged.map(({ status }) => status));
});

describe("a changed rule is named", () => {
  const EDITS: Record<string, { edit: readonly [string, string]; found: Record<string, string> }> = {
    margin: {
      edit: ["margin: 0.03", "margin: 0.06"],
      found: { "no-better": "broken: the rule of no-better: margin 0.06 is not the registered 0.03" },
    },
    kind: {
      edit: ["kind: superiority", "kind: ordering"],
      found: {
        contrast: 'broken: the rule of contrast: kind "ordering" is not the registered "superiority"',
      },
    },
    "side of a need": {
      edit: ["arm: dpo-2x, below", "arm: dpo-2x, above"],
      found: {
        "no-better": 'broken: the rule of no-better: needs 3 side "above" is not the registered "below"',
        contrast: 'broken: the rule of contrast: needs 3 side "above" is not the registered "below"',
      },
    },
    "side of an estimate": {
      edit: ["treatment: dpo-2x, control: online-dpo }", "treatment: online-dpo, control: dpo-2x }"],
      found: {
        "no-better":
          'broken: the rule of no-better: estimates 1 control "dpo-2x" is not the registered "online-dpo"; ' +
          'the rule of no-better: estimates 1 treatment "online-dpo" is not the registered "dpo-2x"',
      },
    },
    level: {
      edit: ["level: 0.95", "level: 0.8"],
      found: Object.fromEntries(
        Object.keys(INTACT).map((id) => [
          id,
          `broken: the rule of ${id}: interval level 0.8 is not the registered 0.95`,
        ]),
      ),
    },
    "minimum of seeds": {
      edit: ["minimum: 10", "minimum: 5"],
      found: Object.fromEntries(
        Object.keys(INTACT).map((id) => [
          id,
          `broken: the rule of ${id}: seeds minimum 5 is not the registered 10`,
        ]),
      ),
    },
  };

  test.each(Object.entries(EDITS))("%s", (_, { edit, found }) => {
    const copy = new SealedCopy(ID);
    copy.register(...edit);
    const findings = copy.findings();
    expect(sealTexts(findings)).toEqual({ ...INTACT, ...found });
    for (const { hypothesis, status } of findings)
      if (hypothesis.id in found) expect(status).toBe("uninformative");
  });

  test("seeds", () => {
    const copy = new SealedCopy(ID);
    copy.register("laptop: [46, ", "laptop: [");
    const [text] = Object.values(sealTexts(copy.findings()));
    expect(text).toMatch(
      /^broken: the rule of no-better: seeds test laptop \[47,48,.*\] is not the registered \[46,47,/,
    );
  });

  test("a need that was left out", () => {
    const copy = new SealedCopy(ID);
    copy.register("      - { metric: share-of-optimum, arm: online-dpo, below: 0.95 }\n", "");
    const { contrast, ...others } = sealTexts(copy.findings());
    expect(contrast).toMatch(
      /^broken: the rule of contrast: needs \[.*\] is not the registered \[.*online-dpo/,
    );
    expect(others).toMatchObject({ "verification-contrast": "intact" });
  });

  test("a hypothesis that is registered no longer", () => {
    const copy = new SealedCopy(ID);
    const { hypotheses, ...registration } = parseRegistration(copy.yaml);
    const results = copy.plans.map((one) => collect(one, ledgerRecords(copy.folder), () => undefined));
    const left = { ...registration, hypotheses: hypotheses.slice(2) };
    const findings = judgeSealed(left, results, { ledger: copy.folder, preset: "laptop" });
    expect(sealTexts(findings)["verification-contrast"]).toContain(
      `no-better, contrast is no longer registered in ${ID}`,
    );
  });

  test("other bytes of the file, if no rule explains them", () => {
    const copy = new SealedCopy(ID);
    copy.replace("registrations.json", `"${ID}": "7`, `"${ID}": "8`);
    const change = `broken: data/predictions/${ID}.yaml is not the registered file`;
    expect(Object.values(sealTexts(copy.findings()))).toEqual([change, change, change]);
  });
});

test("changed code of measures and verdicts is named", () => {
  const texts = sealTexts(new SealedCopy(ID).findings({ code: () => "another digest" }));
  const change = "broken: the code of measures and verdicts is not the one that was sealed";
  expect(Object.values(texts)).toEqual([change, change, change]);
});

describe("a changed definition", () => {
  const CHANGED = `the definition of arm DPO changed (seeds 46, 47, 48, 49, 50, 51, 52, 53, 54, 55)`;

  test("breaks the seals of the hypotheses that read it if the ledger has rows for it", () => {
    const copy = new SealedCopy(ID);
    const others = withOtherDpo(copy.plans);
    for (const [index, { evaluations }] of others.entries()) {
      const own = evaluations.find(({ label }) => label.id === arms.dpo.id)!;
      const sealed = evaluationOf(copy, arms.dpo, index);
      copy.forge(own.policy, (record) => record, sealed.policy);
      copy.forge(own.stage, plusGold, sealed.stage);
    }
    const findings = copy.findings({}, others);
    expect(sealTexts(findings)).toMatchObject({
      "no-better": expect.stringContaining(`broken: ${CHANGED}`),
      contrast: expect.stringContaining(`broken: ${CHANGED}`),
      "verification-contrast": "intact",
    });
    expect(findings.map(({ status }) => status)).toEqual(["uninformative", "uninformative", "supported"]);
  });

  test("is another experiment if its arm was trained in a run store, whose verdict stands", () => {
    const copy = new SealedCopy(ID);
    const records = ledgerRecords(copy.folder);
    const trained = withOtherDpo(copy.plans).map((one, index) =>
      collect(one, (stage) => {
        const own = one.evaluations.find(({ label }) => label.id === arms.dpo.id)!;
        const sealed = evaluationOf(copy, arms.dpo, index);
        const from = [[own.stage, sealed.stage] as const, [own.policy, sealed.policy] as const].find(
          ([changed]) => changed === (stage as typeof changed),
        );
        return records(from === undefined ? stage : (from[1] as typeof stage));
      }),
    );
    const findings = judgeSealed(parseRegistration(copy.yaml), trained, {
      ledger: copy.folder,
      preset: "laptop",
    });
    expect(sealTexts(findings)).toEqual({
      ...INTACT,
      "no-better": `other experiment: ${CHANGED}`,
      contrast: `other experiment: ${CHANGED}`,
    });
    expect(findings.map(({ status }) => status)).toEqual(["supported", "supported", "supported"]);
    expect(findings[2]?.seal).toEqual({ kind: "intact", compared: "all but rows" });
  });

  test("is another experiment if the ledger has no rows for it", () => {
    const copy = new SealedCopy(ID);
    const findings = copy.findings({}, withOtherDpo(copy.plans));
    expect(sealTexts(findings)["no-better"]).toBe(`other experiment: ${CHANGED}`);
    expect(findings[0]?.status).toBe("uninformative");
  });

  test("of a candidate for the best arm is one of the best arm", () => {
    const copy = new SealedCopy("01-main-comparison");
    const fewer = copy.plans.map(({ seed, plan }) =>
      seedPlan(seed, {
        ...plan,
        bestArms: plan.bestArms?.map((best) => ({ ...best, candidates: best.candidates.slice(0, 2) })),
      }),
    );
    expect(sealTexts(copy.findings({}, fewer))).toEqual({
      main: "intact",
      robust: expect.stringContaining("broken: the definition of arm DPO (best epoch) changed (seeds 21, "),
    });
  });
});

test("seeds that are missing break a seal once rows are sealed, and before that have not been run yet", () => {
  const copy = new SealedCopy(ID);
  const fewer = () => Object.values(sealTexts(copy.findings({}, copy.plans.slice(1))));
  for (const text of fewer()) expect(text).toMatch(/^broken: seed \d+ left out/);
  const file = copy.file("seals", `${ID}.json`);
  const { rows: _, verdicts: __, ...beforeRuns } = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify(beforeRuns));
  for (const text of fewer()) expect(text).toBe("intact");
});

test("an arm that nobody registered breaks no seal", () => {
  const copy = new SealedCopy(ID);
  const added = variant(arms.dpo, "β = 8");
  const more = changedPlans(copy.plans, (planned, seed) => [
    ...planned,
    arm(added, ownLab(seed).dpo(1, { beta: 8 })),
  ]);
  expect(sealTexts(copy.findings({}, more))).toEqual(INTACT);
});

describe("a changed row", () => {
  test("is named by arm, seed and stage if it has a new digest", () => {
    const copy = new SealedCopy(ID);
    const { stage } = evaluationOf(copy, arms.dpo2x, 2);
    copy.forge(stage, plusGold);
    const change = expect.stringMatching(
      /^broken: the row of DPO \(2x\), seed 48 \(evaluation-seed48-[0-9a-f]{16}\), is not the one that was sealed$/,
    );
    expect(sealTexts(copy.findings())).toEqual({ ...INTACT, "no-better": change, contrast: change });
  });

  test("is missing if it has its old digest", () => {
    const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
    const copy = new SealedCopy(ID);
    copy.replace("seed-48.jsonl.br", '"greedyRewards":{"values":[', '"greedyRewards":{"values":[0.25,');
    const texts = Object.values(sealTexts(copy.findings()));
    expect(texts.join()).toMatch(
      /broken: the row of .*, seed 48 \(evaluation-seed48-[0-9a-f]{16}\), is missing/,
    );
    expect(warn).toHaveBeenCalledWith(expect.stringContaining("does not match its digest"));
    warn.mockRestore();
  });

  test("of a candidate's validation breaks the seals of what the best arm decides", () => {
    const copy = new SealedCopy("01-main-comparison");
    const [validation] = copy.plans[0]?.validations ?? [];
    copy.forge(validation!.stage, plusGold);
    expect(sealTexts(copy.findings())).toEqual({
      main: "intact",
      robust: expect.stringMatching(
        /^broken: the row of DPO \(best epoch\), seed 21 \(evaluation-seed21-.*sealed$/,
      ),
    });
  });
});

describe("a changed seal is named", () => {
  test("numbers", () => {
    const copy = new SealedCopy(ID);
    copy.replace(`seals/${ID}.json`, "0.0020000000000000005", "0.003");
    expect(sealTexts(copy.findings())).toEqual({
      ...INTACT,
      "no-better": expect.stringMatching(
        /^broken: the numbers of no-better are sealed as \[0.003, .*\] and are \[0.0020000000000000005, /,
      ),
    });
  });

  test("verdict", () => {
    const copy = new SealedCopy(ID);
    copy.replace(`seals/${ID}.json`, '"status": "supported"', '"status": "refuted"');
    expect(sealTexts(copy.findings())).toEqual({
      ...INTACT,
      "no-better": "broken: the verdict on no-better is sealed as refuted and is supported",
    });
  });

  test("missing, or not a seal", () => {
    const copy = new SealedCopy(ID);
    copy.replace(`seals/${ID}.json`, '"rules"', '"regulations"');
    expect(Object.values(sealTexts(copy.findings()))[0]).toMatch(
      /^broken: The seal 10-replication.json is not as expected: /,
    );
    copy.replace(`seals/${ID}.json`, "{", "");
    expect(Object.values(sealTexts(copy.findings()))[0]).toMatch(/^broken: The seal .* is not JSON/);
    rmSync(copy.file("seals", `${ID}.json`));
    expect(Object.values(sealTexts(copy.findings()))[0]).toBe(`broken: the seal of ${ID} is missing`);
    copy.replace("registrations.json", `"${ID}"`, '"another"');
    expect(Object.values(sealTexts(copy.findings()))[0]).toBe("unsealed");
  });
});

test("a hypothesis that strengthens another is broken with it", () => {
  const copy = new SealedCopy("01-main-comparison");
  copy.register("    - { treatment: online-dpo, control: dpo }\n", "");
  const texts = sealTexts(copy.findings());
  expect(texts.main).toMatch(/^broken: the rule of main: estimates /);
  expect(texts.robust).toBe("broken: it strengthens main, whose seal is broken");
});

test("at another preset rules and code are checked, settings and rows are not", () => {
  const copy = new SealedCopy(ID);
  const [first] = copy.plans;
  const findings = copy.findings({ preset: "smoke" }, first && withOtherDpo([first]));
  expect(findings.map(({ seal }) => seal)).toEqual(
    findings.map(() => ({ kind: "intact", compared: "rules and code" })),
  );
  copy.register("margin: 0.03", "margin: 0.06");
  expect(sealTexts(copy.findings({ preset: "smoke" }))["no-better"]).toContain(
    "margin 0.06 is not the registered",
  );
});
