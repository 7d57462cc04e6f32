import { writeFileSync } from "node:fs";
import path from "node:path";
import { integer, randomStream } from "../src/tensors/random.ts";
import { formatPost } from "../src/text/post.ts";

const words =
  "my the dog cat boss flat car job ran ate lost found broke called at in with over because and then".split(
    " ",
  );

/** Writes made-up posts and preferences as JSONL files in `folder`, `count` of each; returns their paths. */
export function writeRows(folder: string, count: number): { posts: string; preferences: string } {
  const stream = randomStream(1, "rows");
  const sentence = (length: number) =>
    Array.from({ length }, () => words[integer(stream, words.length)]).join(" ");
  const prompt = (index: number, kind: string) =>
    formatPost({ subreddit: "tifu", title: `${kind} ${index} ${sentence(4)}`, post: `${sentence(30)}.` });
  const rows = (kind: string, row: (index: number) => object) => {
    const file = path.join(folder, `${kind}.jsonl`);
    writeFileSync(
      file,
      Array.from({ length: count }, (_, index) => `${JSON.stringify(row(index))}\n`).join(""),
    );
    return file;
  };
  return {
    posts: rows("posts", (index) => ({ prompt: prompt(index, "post"), completion: ` ${sentence(8)}` })),
    preferences: rows("preferences", (index) => ({
      prompt: prompt(index, "pair"),
      chosen: ` ${sentence(8)}`,
      rejected: ` ${sentence(8)} indeed`,
    })),
  };
}
