import { expect, it } from "vitest";
import { goldScorer, rougeScorer } from "../../src/tasks/scorers.ts";
import { rougeL } from "../../src/text/rouge.ts";
import { bestAgainstWorst } from "../../src/training/pairs.ts";
import { data, task } from "../laboratory.ts";

const samples = data.evaluation;

it("scores by gold, by ROUGE-L and by any function through one interface", () => {
  expect(goldScorer(task)(samples)).toEqual(
    samples.map(({ prompt, completion }) => task.score(prompt, completion)),
  );
  const byRouge = rougeScorer(task, () => task.text(samples[0]!.completion), { stem: true });
  expect(byRouge(samples)[0]).toBe(1);
  expect(byRouge(samples)[1]).toBe(
    rougeL(task.text(samples[0]!.completion), task.text(samples[1]!.completion), { stem: true }).f1,
  );
  const prompts = [samples[0]!.prompt];
  const candidates = [[[...samples[0]!.completion], [...samples[1]!.completion]]];
  const [pair] = bestAgainstWorst(prompts, candidates, byRouge);
  expect(pair).toEqual({ prompt: prompts[0], chosen: candidates[0]![0], rejected: candidates[0]![1] });
  const shortest = bestAgainstWorst([prompts[0]!], [[[1, 2, 3], [1]]], (all) =>
    all.map(({ completion }) => -completion.length),
  );
  expect(shortest[0]!.chosen).toEqual([1]);
});
