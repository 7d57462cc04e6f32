import { describe, expect, test } from "vitest";
import { pairCount } from "../../src/pipeline/pairs.ts";
import { promptCount, sampledPrompts } from "../../src/pipeline/samples.ts";
import { samplesOf } from "../../src/pipeline/shared-stages.ts";
import { config, data, handMadeStore, lab } from "./hand-made.ts";

/* Stages on some of the preference prompts: `first` of them, after the `skip` that come before. */

const { compute } = handMadeStore();
const slice = { skip: 7, first: 10 };
const isInSlice = ({ prompt }: { readonly prompt: number }) => prompt >= 7 && prompt < 17;

describe("a slice of the preference prompts", () => {
  test("has the online pairs that all prompts have there", async () => {
    const [all, some] = [lab.onlinePairs(lab.sft), lab.onlinePairs(lab.sft, slice)];
    const { pairs } = await compute(some);
    expect(pairs).toEqual((await compute(all)).pairs.filter(isInSlice));
    expect(pairs.length).toBeGreaterThan(3);
  });

  test.each<[string, Parameters<typeof lab.pairsWith>[0]]>([
    ["a policy's samples", {}],
    ["mixed sources", { sources: [{ writer: "careful" }, { policy: lab.sft, temperature: 1 }] }],
  ])("has the offline pairs that all prompts have there, with %s", async (_, options) => {
    const { pairs } = await compute(lab.pairsWith({ ...options, ...slice }));
    expect(pairs).toEqual((await compute(lab.pairsWith(options))).pairs.filter(isInSlice));
    expect(pairs.length).toBeGreaterThan(3);
  });

  test("reaches the end without `first`, and comes before the demonstrations' prompts", () => {
    const samples = samplesOf(lab.onlinePairs(lab.sft, { skip: 20, demonstrations: 2 }));
    const expected = [...data.prompts.slice(20), ...data.demonstrations.slice(0, 2).map((one) => one.prompt)];
    expect(sampledPrompts(samples, { data })).toEqual(expected);
    expect(promptCount(samples)).toBe(expected.length);
    expect(pairCount(lab.onlinePairs(lab.sft, { skip: 20, first: 9 }))).toBe(4);
  });

  test.each([-1, 1.5, config.sizes.pairs])("cannot begin after %s prompts", (skip) => {
    const samples = samplesOf(lab.onlinePairs(lab.sft, { skip }));
    expect(() => sampledPrompts(samples, { data })).toThrow("skip must be a whole number from 0 to 23");
  });
});
