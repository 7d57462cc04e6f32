import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { murmur2 } from "../../../kernel/debug/murmur2.ts";

const fixture = new URL("../fixtures/murmur2.json", import.meta.url);
const hashes: [text: string, seed: number, hash: number][] = JSON.parse(readFileSync(fixture, "utf8"));

test("texts have the same hashes as in ipykernel", () => {
  expect(hashes.map(([text, seed]) => murmur2(text, seed))).toEqual(hashes.map(([, , hash]) => hash));
});
