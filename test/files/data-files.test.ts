import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { z } from "zod";
import { parseYaml, readData, validated } from "../../src/files/data-files.ts";
import { repositoryRoot } from "../../src/files/repository.ts";

const folder = path.join(repositoryRoot(), "data", "predictions");
const sealed = readdirSync(folder).map((name) => readFileSync(path.join(folder, name), "utf8"));

describe("parseYaml", () => {
  test("reads every sealed file as the library does, with its anchors", () => {
    for (const text of sealed) expect(parseYaml(text, "f")).toEqual(parse(text));
    expect(parseYaml("a: &a { b: [1, yes, 2.5, null] }\nc: *a", "f")).toEqual({
      a: { b: [1, "yes", 2.5, null] },
      c: { b: [1, "yes", 2.5, null] },
    });
  });

  test.each<[string, string, string]>([
    ["text that is no YAML", "a: [", "Flow sequence in block collection must be"],
    ["50,001 characters", "#".repeat(50_001), "it has 50001 characters, and at most 50000 are read."],
    ["33 levels of lists", "[".repeat(49_000), "it nests deeper than 32 levels."],
    ["33 levels of dashes", "- ".repeat(25_000), "it nests deeper than 32 levels."],
    ["a key twice", "a: 1\nb: 2\na: 1", 'the key "a" twice at line 3, column 1.'],
    [
      "a key named __proto__",
      "a: { __proto__: { b: 1 } }",
      'the key "__proto__", which is not a name at line 1, column 6.',
    ],
    ["a key that is a list", "? [a]\n: 1", "which is not a name at line 1, column 3."],
    ["a key that is a number", "1: 2", 'the key "1", which is not a name at line 1, column 1.'],
    ["an alias within itself", "a: &a [*a]", "an alias of what it is in at line 1, column 8."],
    ["an alias of nothing", "a: *b", "Unresolved alias"],
    ["201 aliases", `a: &a x\nb: [${"*a,".repeat(201)}]`, "more than 200 aliases at line 2, column 605."],
    ["a type of another language", "a: !!python/object:os.system x", "Unresolved tag"],
    ["bytes", "a: !!binary aGk=", "Unresolved tag"],
    ["two documents", "a: 1\n---\nb: 2", "multiple documents"],
    ["another version", "%YAML 1.1\n---\na: yes", "it asks for another version than YAML 1.2."],
    [
      "a NUL character",
      'a: "\\0"',
      "text with a NUL character or an unpaired surrogate at line 1, column 4.",
    ],
    ["an unpaired surrogate", 'a: "\\ud800"', "text with a NUL character or an unpaired surrogate at"],
  ])("refuses %s in one sentence", (_, yaml, message) => {
    expect(() => parseYaml(yaml, "a.yaml")).toThrow(message);
    expect(() => parseYaml(yaml, "a.yaml")).toThrow(/^a\.yaml cannot be read as YAML: [^\n]*\.$/);
  });

  test("refuses aliases that multiply what they stand for", () => {
    const levels = "bcdefghi".split("").map((name, index) => {
      const below = String.fromCharCode(name.charCodeAt(0) - 1);
      return `${name}: &${name} [${Array(9).fill(`*${below}`).join(", ")}]${index ? "" : " # 9 times each"}`;
    });
    expect(() => parseYaml(`a: &a [x]\n${levels.join("\n")}`, "f")).toThrow(
      /^f cannot be read as YAML: Excessive alias/,
    );
  });

  test("takes a bounded time for texts that libraries are slow on", () => {
    const fill = (unit: string, end = "") => unit.repeat(49_000 / unit.length) + end;
    const keys = Array.from({ length: 5000 }, (_, index) => `k${index}: 1\n`).join("");
    const texts = [
      fill("#\n"),
      fill('"'),
      fill("!a "),
      fill("---\n"),
      `[${fill(",")}`,
      fill(": "),
      fill("&a "),
      keys,
    ];
    for (const text of texts) {
      const begin = performance.now();
      try {
        parseYaml(text, "f");
      } catch (error) {
        expect((error as Error).message).toMatch(/^f cannot be read as YAML: [^\n]*\.$/);
      }
      expect(performance.now() - begin).toBeLessThan(20_000);
    }
  });
});

test("readData names a file that is missing", () => {
  expect(() => readData("data/none.yaml")).toThrow(
    /^data\/none\.yaml could not be read \(ENOENT.*restore it/,
  );
});

describe("validated", () => {
  test("lists at most 20 problems, each on one short line", () => {
    const value = Object.fromEntries(
      Array.from({ length: 1000 }, (_, index) => [`${index}\n\u001b[2J`, "x"]),
    );
    const check = () => validated(z.record(z.string(), z.number()), value, "a.yaml");
    expect(check).toThrow(
      /^a\.yaml is not as expected: `0\\n\\x1b\[2J`: invalid input[^\n]*; and 980 more\.$/,
    );
    expect(() => validated(z.strictObject({}), { ["x".repeat(100_000)]: 1 }, "f")).toThrow(/^.{100,400}…\.$/);
  });

  test("any value is refused in one line, whatever its names", () => {
    const schema = z.strictObject({ a: z.record(z.string(), z.int()) });
    fc.assert(
      fc.property(fc.dictionary(fc.string({ unit: "binary" }), fc.jsonValue()), (value) => {
        expect(() => validated(schema, { a: value, b: 1, ...value }, "f")).toThrow(
          /^f is not as expected: [^\n]*\.$/,
        );
      }),
    );
  });
});
