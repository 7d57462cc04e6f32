import { trainTokenizer } from "../../src/text/tokenizer.ts";

// biome-ignore lint/suspicious/noExplicitAny: files that are wrong on purpose have no type
export type Loose = any;

const trained = JSON.stringify(trainTokenizer(["a car, a car and the car's cat"], { vocabSize: 262 }).json);

/** A small tokenizer.json, of 262 tokens, after a change to it. */
export function changedTokenizer(change: (json: Loose) => unknown): Loose {
  const json = JSON.parse(trained);
  change(json);
  return json;
}
