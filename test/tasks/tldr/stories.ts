import type { Row } from "../../../src/text/row.ts";
import { parseRows } from "../../../src/text/rows.ts";
import { trainTokenizer } from "../../../src/text/tokenizer.ts";

/* Sixty short posts: forty with a summary, thirty with preferences, ten of them with both. */

const subjects = ["car", "dog", "boss", "sister", "landlord", "phone", "bike", "cat", "job", "neighbour"];
const events = ["gone", "broken", "angry", "lost", "loud", "late"];

export const stories = subjects.flatMap((subject) =>
  events.map((event) => ({
    subreddit: "AskReddit",
    title: `My ${subject} is ${event}`,
    post: `Hello.\nI have a ${subject}. Since Friday it is ${event}, and I don't know why. What should I do?`,
    completion: ` ${subject} has been ${event} since Friday.`,
  })),
);

export const rowsOf = (objects: readonly object[], source: string): Row[] =>
  parseRows(objects.map((object) => JSON.stringify(object)).join("\n"), source);

export const posts = rowsOf(stories.slice(0, 40), "posts.jsonl");

/** Every third prompt has two preferences. */
export const preferences = rowsOf(
  stories.slice(30).flatMap(({ completion, ...post }, index) => {
    const pair = { ...post, chosen: completion, rejected: " What should I do?" };
    return index % 3 === 0 ? [pair, { ...pair, rejected: " I don't know." }] : [pair];
  }),
  "pairs.jsonl",
);

export const tokenizer = trainTokenizer(
  posts.map(({ prompt }) => prompt),
  { vocabSize: 400 },
);
