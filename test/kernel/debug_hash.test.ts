import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { murmur2 } from "../../kernel/debug/murmur2.ts";

const fixture = new URL("fixtures/murmur2.json", import.meta.url);
const hashes: [string, number, number][] = JSON.parse(readFileSync(fixture, "utf8"));

test("texts have the hashes that ipykernel gives them", () => {
  expect(hashes.map(([text, seed]) => murmur2(text, seed))).toEqual(hashes.map(([, , hash]) => hash));
});
