import { expect, test } from "vitest";
import { originSentence, provenanceRows, runDates } from "../../src/report/origin.ts";
import { seedResult } from "../seed-results.ts";

const stage = (id: string, seconds: number, finished: string, device = "a CPU") => ({
  stage: id,
  seconds,
  finished,
  device,
  tensorflow: "2.21.0",
  node: "v22.0.0",
  code: "",
});
const results = [
  seedResult(41, {
    pairs: { offline: 7 },
    provenance: [stage("a", 60.4, "2026-03-02T10:00:00Z"), stage("b", 30, "2026-03-01T10:00:00Z")],
  }),
  seedResult(42, { provenance: [stage("a", 29.6, "2026-03-02T10:00:00Z", "a GPU")] }),
];

test("each seed's stages, computing time and devices are rows of a table", () => {
  expect(provenanceRows(results)).toEqual([
    { seed: 41, stages: 2, "computing time, s": 90, device: "a CPU", TensorFlow: "2.21.0" },
    { seed: 42, stages: 1, "computing time, s": 30, device: "a GPU", TensorFlow: "2.21.0" },
  ]);
});

test("extra columns follow the seed", () => {
  const [row] = provenanceRows(results.slice(0, 1), ({ pairs }) => ({ pairs: Number(pairs.offline) }));
  expect(Object.entries(row ?? {}).slice(0, 3)).toEqual([
    ["seed", 41],
    ["pairs", 7],
    ["stages", 2],
  ]);
});

test("the origin names days, devices and computing time, and counts each stage once", () => {
  expect(originSentence(results, false)).toBe(
    "Trained and evaluated in this run store, from 2026-03-01 to 2026-03-02 on " +
      "a CPU, TensorFlow 2.21.0; a GPU, TensorFlow 2.21.0: 2 stages, 2.0 minutes of computing.",
  );
  expect(originSentence(results.slice(1), true)).toContain(
    "**nothing was trained for this report**; the ledger's runs were made on 2026-03-02",
  );
});

test("the dates of the runs are the first and the last day", () => {
  expect(runDates(results)).toEqual({ first: "2026-03-01", last: "2026-03-02" });
});
