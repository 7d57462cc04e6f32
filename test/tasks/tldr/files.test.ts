import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, it, vi } from "vitest";
import { realTldr } from "../../../src/experiments/settings.ts";
import { fileDigest, openTask, tldrRows } from "../../../src/tasks/open-task.ts";
import { findTldrFiles, locateTldrFiles } from "../../../src/tasks/tldr/files.ts";
import { writeRows } from "../../tldr-rows.ts";

const folder = mkdtempSync(path.join(tmpdir(), "allroads rows "));
const { posts, preferences } = writeRows(folder, 60);

afterEach(() => vi.unstubAllGlobals());

describe("locating rows", () => {
  it("takes files, folders and several of them", async () => {
    const both = await locateTldrFiles(`${posts}, ${preferences}`);
    expect(both.map((file) => file.path)).toEqual([posts, preferences]);
    expect(await locateTldrFiles(folder)).toEqual(both);
    expect(both[0]!.sha256).not.toBe(both[1]!.sha256);
  });

  it("looks in folders in turn, and says nothing where none holds rows", async () => {
    const empty = path.join(folder, "empty");
    mkdirSync(empty);
    expect(await findTldrFiles([path.join(folder, "absent"), empty, folder])).toHaveLength(2);
    expect(await findTldrFiles([path.join(folder, "absent"), empty])).toBeUndefined();
    await expect(locateTldrFiles(empty)).rejects.toThrow(
      "holds no .jsonl file: put the rows there or name another.",
    );
  });

  it("names what does not exist or cannot be fetched", async () => {
    await expect(locateTldrFiles("nowhere.jsonl")).rejects.toThrow(
      "nowhere.jsonl does not exist: give a JSONL file",
    );
    vi.stubGlobal("fetch", () => Promise.reject(new Error("no network")));
    await expect(locateTldrFiles("hf://datasets/someone/absent-set/rows.jsonl")).rejects.toThrow(
      /^hf:\/\/datasets\/someone\/absent-set\/rows\.jsonl could not be fetched \(no network\): check the name/,
    );
  });
});

describe("the comparison on real posts", () => {
  it("uses every row once, human summaries apart from what the tokenizer saw", async () => {
    const files = await locateTldrFiles(folder);
    const { sizes, task: spec } = realTldr("laptop", files);
    const { posts: all, preferences: pairs } = tldrRows(files);
    expect(sizes.demonstrations + sizes.validation + sizes.evaluation).toBe(all.length);
    expect(sizes.pairs).toBe(pairs.length);
    const data = openTask(spec).data(1, sizes);
    expect(data.pairs).toHaveLength(pairs.length);
    expect(data.evaluation).toHaveLength(sizes.evaluation);
  });

  it("counts posts once and gives no prompt to two parts, whatever rows share", async () => {
    const shared = mkdtempSync(path.join(tmpdir(), "allroads shared "));
    const own = writeRows(shared, 60);
    const [posts, preferences] = [own.posts, own.preferences].map((file) =>
      readFileSync(file, "utf8").trim().split("\n"),
    );
    const both = posts!.slice(0, 12).map((row) => {
      const { prompt } = JSON.parse(row);
      return JSON.stringify({ prompt, chosen: " a cat", rejected: " a dog" });
    });
    writeFileSync(own.posts, [...posts!, posts![0], ...both, ""].join("\n"));
    const all = posts!.map((row) =>
      JSON.stringify({ ...JSON.parse(row), chosen: " a cat", rejected: " a dog" }),
    );
    const check = async (source: string) => {
      const { sizes, task: spec } = realTldr("laptop", await locateTldrFiles(source));
      const data = openTask(spec).data(1, sizes);
      const prompts = [data.demonstrations, data.validation, data.evaluation, data.pairs!].flatMap((part) => [
        ...new Set(part.map(({ prompt }) => prompt.tokens.join(" "))),
      ]);
      expect(new Set(prompts).size).toBe(prompts.length);
      expect(data.pairs!.length).toBe(sizes.pairs);
    };
    await check(shared);
    writeFileSync(own.preferences, [...all, ...preferences!, ""].join("\n"));
    await check(shared);
    await check(own.preferences);
  });

  it("refuses a file that has changed since it was located", async () => {
    const changing = mkdtempSync(path.join(tmpdir(), "allroads changing "));
    const { posts } = writeRows(changing, 30);
    const files = await locateTldrFiles(changing);
    writeFileSync(posts, readFileSync(posts, "utf8").replace("cat", "dog"));
    expect(() => realTldr("laptop", files)).toThrow(
      /posts\.jsonl has changed since this experiment began: start it again\./,
    );
  });

  it("asks for more rows where there are too few", async () => {
    const few = mkdtempSync(path.join(tmpdir(), "allroads few "));
    writeRows(few, 5);
    expect(() =>
      realTldr("laptop", [
        { path: path.join(few, "posts.jsonl"), sha256: fileDigest(path.join(few, "posts.jsonl")) },
      ]),
    ).toThrow(
      /^The files leave 5 posts .* and 0 preferences .*, but the comparison needs at least 24 and 8: name more files\.$/,
    );
  });

  it("names the row at fault", async () => {
    const bad = path.join(folder, "bad");
    mkdirSync(bad);
    writeFileSync(path.join(bad, "rows.jsonl"), '{"prompt": "POST: a\\n\\nTL;DR:", "chosen": " b"}\n');
    const files = await locateTldrFiles(bad);
    expect(() => realTldr("laptop", files)).toThrow(/rows\.jsonl, row 1.*rejected/);
  });
});
