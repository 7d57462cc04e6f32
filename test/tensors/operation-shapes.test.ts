import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { shapeFunctions } from "../../src/tensors/operation-shapes.ts";
import { elementCalls } from "./element-calls.ts";
import { executed, inferred } from "./operation-call.ts";
import { sliceCalls } from "./slice-calls.ts";
import { windowCalls } from "./window-calls.ts";

const callsOf = new Map(
  Object.entries({ ...elementCalls, ...sliceCalls, ...windowCalls }).flatMap(([names, arbitrary]) =>
    names.split(" ").map((name) => [name, arbitrary] as const),
  ),
);

describe("the shape function of", () => {
  test.each([...shapeFunctions.keys()])("%s says what TensorFlow does", (operation) => {
    let accepted = 0;
    fc.assert(
      fc.property(callsOf.get(operation)!, (call) => {
        const expected = executed(operation, call);
        if (expected !== undefined) accepted++;
        expect(inferred(operation, call)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
    expect(accepted).toBeGreaterThan(10);
  });
});
