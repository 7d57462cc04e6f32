import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { paths } from "../../../kernel/setup/paths.mjs";
import { type Pin, parsePins, readPins, requirementsText } from "../../../kernel/setup/pins.mjs";

const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
const pin: fc.Arbitrary<Pin> = fc.record(
  {
    name: fc.stringMatching(/^[a-z][a-z0-9]{0,8}(-[a-z0-9]{1,5})?$/),
    version: fc.stringMatching(/^\d{1,4}\.\d{1,3}(\.post1)?$/),
    marker: fc.constantFrom("python_full_version == '3.12.*'", "python_full_version < '3.12'"),
    hashes: fc.array(hash, { minLength: 1, maxLength: 3 }),
  },
  { requiredKeys: ["name", "version", "hashes"] },
);

test("what is written as requirements is read back", () => {
  fc.assert(
    fc.property(fc.array(pin), (pins) => {
      expect(parsePins(`# a comment\n${requirementsText(pins)}`, "file")).toEqual(pins);
    }),
  );
});

test.each([
  "anyio==4.0",
  "anyio>=4.0 --hash=sha256:00",
  `anyio==4.0 --hash=sha256:${"0".repeat(63)}`,
  `anyio==4.0 --hash=md5:${"0".repeat(64)}`,
  `anyio==4.0 --hash=sha256:${"0".repeat(64)} --pre`,
  "-r other.txt",
  "./folder",
])("the line %j is refused, since it does not pin wheels by their SHA-256", (line) => {
  expect(() => parsePins(line, "pins.txt")).toThrow(
    /^pins\.txt has the line ".*", which does not pin a package with its SHA-256: run npm run pin/,
  );
});

test("the committed files pin every package once", () => {
  for (const file of [paths.requirements, paths.tensorflowWheels]) {
    const pins = readPins(file);
    expect(new Set(pins.map(({ name }) => name)).size).toBe(pins.length);
    expect(readFileSync(file, "utf8").endsWith(requirementsText(pins))).toBe(true);
  }
});
