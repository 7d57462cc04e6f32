import fc from "fast-check";
import { keyEnvPrompt } from "../../../src/tasks/key-env/posts.ts";
import { connectorToken, valueToken, WORDS } from "../../../src/tasks/key-env/vocabulary.ts";
import { item } from "../item.ts";

export const slots = Array.from({ length: 10 }, (_, slot) => slot);

/** The value tokens of a post, by the index of each slot's value. */
export const valuesOf = (indices: readonly number[]): number[] =>
  indices.map((index, slot) => valueToken(slot, index));

/** The value tokens of any post. */
export const anyValues = fc.array(fc.nat(9), { minLength: 10, maxLength: 10 }).map(valuesOf);

/** The tokens of a text of KeyEnv's words. */
export const tokensOf = (text: string): number[] => text.split(" ").map((word) => WORDS.indexOf(word));

/** The tokens of a post. */
export const story = tokensOf(
  "feeling meh my plumber at court just vanished should knit about divorce with mime while homeless " +
    "because habit after surgery",
);

export const storyPrompt = keyEnvPrompt(
  slots.map((slot) => item(story, story.indexOf(connectorToken(slot)) + 1)),
  [3, 0, 6, 1, 9, 2, 5, 8, 4, 7],
);
