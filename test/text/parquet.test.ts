import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parquetObjects } from "../../src/text/parquet.ts";
import { temporaryFolder } from "../temporary.ts";

const fixture = (name: string) => fileURLToPath(new URL(`fixtures/${name}.parquet`, import.meta.url));

async function objects(file: string) {
  const found: Record<string, unknown>[] = [];
  for await (const row of parquetObjects(file)) found.push(row);
  return found;
}

test("gives the fields of rows from all groups, and no other columns", async () => {
  const found = await objects(fixture("rows"));
  expect(found).toHaveLength(6);
  expect(found[5]).toEqual({
    subreddit: "tifu",
    title: "Title 5",
    post: "Post 5 – é😀",
    summary: "summary 5",
    query: "SUBREDDIT: r/tifu\n\nTITLE: Title 5\n\nPOST: Post 5 – é😀\n\nTL;DR:",
    reference_response: " summary 5<|endoftext|>",
  });
});

test("gives lists and objects, without what is null, and whole numbers as numbers", async () => {
  const [first] = await objects(fixture("comparisons"));
  expect(first).toMatchObject({
    choice: 1,
    info: { subreddit: "AskReddit", post: "A post", title: "A title" },
  });
  expect(first?.summaries).toMatchObject([{ text: " one" }, { text: " two" }]);
  expect(JSON.stringify(first)).not.toContain("null");
});

test("throws for a file that is cut off or is not Parquet", async () => {
  const file = path.join(temporaryFolder("parquet"), "a.parquet");
  writeFileSync(file, readFileSync(fixture("rows")).subarray(0, 500));
  await expect(objects(file)).rejects.toThrow();
  writeFileSync(file, "PAR1 is not enough");
  await expect(objects(file)).rejects.toThrow();
});
