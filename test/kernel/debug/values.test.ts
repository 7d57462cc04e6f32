import type { Runtime } from "node:inspector";
import { describe, expect, test } from "vitest";
import { valueText, variablesOf } from "../../../kernel/debug/values.ts";

describe("the text of a value", () => {
  const objectText = (
    description: string,
    preview: Partial<Runtime.ObjectPreview>,
    subtype?: Runtime.RemoteObject["subtype"],
  ) =>
    valueText({
      type: "object",
      ...(subtype ? { subtype } : {}),
      description,
      preview: {
        type: "object",
        overflow: false,
        properties: [],
        ...(subtype ? { subtype } : {}),
        ...preview,
      },
    } as Runtime.RemoteObject);
  const first = { name: "0", type: "number", value: "1" } as const;

  test.each<[string, string]>([
    ['"a\\n"', valueText({ type: "string", value: "a\n" })],
    ["true", valueText({ type: "boolean", value: true })],
    ["-0", valueText({ type: "number", unserializableValue: "-0", description: "-0" })],
    ["5n", valueText({ type: "bigint", unserializableValue: "5n", description: "5n" })],
    ["undefined", valueText({ type: "undefined" })],
    ["null", valueText({ type: "object", subtype: "null", value: null })],
    ["class A {", valueText({ type: "function", description: "class A {\n}" })],
    ["Error: no", valueText({ type: "object", subtype: "error", description: "Error: no\n    at x" })],
    ["{}", objectText("Object", {})],
    ["{ 0: 1, … }", objectText("Object", { properties: [first], overflow: true })],
    ["Array(1) [1]", objectText("Array(1)", { properties: [first] }, "array")],
    ["Point { 0: 1 }", objectText("Point", { properties: [first] })],
  ])("is %s", (expected, text) => {
    expect(text).toBe(expected);
  });
});

test("the enumerable properties of an object are listed first, its prototype is not listed", () => {
  const property = (name: string, enumerable: boolean, value?: Runtime.RemoteObject) => ({
    ...{ name, enumerable, configurable: true },
    ...(value ? { value } : { get: { type: "function" as const } }),
  });
  const held = { type: "object", objectId: "7", description: "Object" } as const;
  const found = variablesOf(
    {
      result: [
        property("length", false, { type: "number", value: 1 }),
        property("a", true, held),
        property("b", true),
      ],
      internalProperties: [
        { name: "[[Prototype]]", value: held },
        { name: "[[PromiseState]]", value: { type: "string", value: "pending" } },
      ],
    },
    ({ objectId }) => Number(objectId),
  );
  expect(found.map(({ name, value, variablesReference }) => [name, value, variablesReference])).toEqual([
    ["a", "Object", 7],
    ["b", "(getter)", 0],
    ["length", "1", 0],
    ["[[PromiseState]]", '"pending"', 0],
  ]);
});
