import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { tldrRows } from "../../../src/tasks/tldr/files.ts";
import { findTldrFiles, locateTldrFiles } from "../../../src/tasks/tldr/locate.ts";
import { temporaryFolder } from "../../temporary.ts";
import { writeRows } from "../../tldr-rows.ts";

let folder: string;
let posts: string;
let preferences: string;

beforeEach(() => {
  folder = temporaryFolder("rows");
  ({ posts, preferences } = writeRows(folder, 20));
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});

describe("locating rows", () => {
  test("takes files and folders, separated by commas", async () => {
    const both = await locateTldrFiles(`${posts}, ${preferences}`);
    expect(both.map((file) => file.path)).toEqual([posts, preferences]);
    expect(await locateTldrFiles(folder)).toEqual(both);
    expect(new Set(both.map(({ sha256 }) => sha256)).size).toBe(2);
  });

  test("takes the files of rows of a folder, in every format", async () => {
    vi.stubEnv("ALLROADS_CACHE", path.join(folder, "cache"));
    mkdirSync(path.join(folder, "other.jsonl"));
    writeFileSync(path.join(folder, "settings.json"), '{"a": 1}');
    writeFileSync(path.join(folder, "README.md"), "rows");
    writeFileSync(path.join(folder, "more.csv"), "prompt,completion\nP,c\n");
    writeFileSync(path.join(folder, "more.json"), '[{"prompt": "Q", "completion": "c"}]');
    const files = await locateTldrFiles(folder);
    expect(files.map(({ path: file, name }) => name ?? path.basename(file))).toEqual([
      "more.csv",
      "more.json",
      "posts.jsonl",
      "preferences.jsonl",
    ]);
    expect(tldrRows(files).posts).toHaveLength(22);
  });

  test("takes the first folder with rows, if any", async () => {
    const empty = path.join(folder, "empty");
    mkdirSync(empty);
    expect(await findTldrFiles([path.join(folder, "absent"), empty, folder])).toHaveLength(2);
    expect(await findTldrFiles([path.join(folder, "absent"), empty])).toBeUndefined();
    await expect(locateTldrFiles(empty)).rejects.toThrow(
      "holds no .jsonl file, nor .json, .csv or .parquet: put the rows there or name another.",
    );
  });

  test("names what does not exist or cannot be fetched", async () => {
    await expect(locateTldrFiles("nowhere.jsonl")).rejects.toThrow(
      "nowhere.jsonl does not exist: give a JSONL file",
    );
    vi.stubEnv("HF_HOME", folder);
    const cause = Object.assign(new Error("no network"), { code: "ENOTFOUND" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause })));
    await expect(locateTldrFiles("hf://datasets/someone/absent-set/rows.jsonl")).rejects.toThrow(
      /^hf:\/\/datasets\/someone\/absent-set\/rows\.jsonl could not be fetched \(.*: no network\): check the name/,
    );
  });
});

describe("reading rows", () => {
  test("gives the posts and the preferences, and rows that are both twice", async () => {
    const both = { prompt: "POST: a\n\nTL;DR:", completion: " b", chosen: " c", rejected: " d" };
    writeFileSync(preferences, `${readFileSync(preferences, "utf8")}${JSON.stringify(both)}\n`);
    const rows = tldrRows(await locateTldrFiles(folder));
    expect([rows.posts.length, rows.preferences.length]).toEqual([21, 21]);
    expect(rows.posts.at(-1)).toBe(rows.preferences.at(-1));
  });

  test("refuses a file that has changed since it was located", async () => {
    const files = await locateTldrFiles(folder);
    writeFileSync(posts, readFileSync(posts, "utf8").replace("cat", "dog"));
    expect(() => tldrRows(files)).toThrow(
      /posts\.jsonl has changed since this experiment began: start it again\./,
    );
  });

  test("names the row at fault", async () => {
    writeFileSync(posts, '{"prompt": "POST: a\\n\\nTL;DR:", "chosen": " b"}\n');
    const files = await locateTldrFiles(posts);
    expect(() => tldrRows(files)).toThrow(/posts\.jsonl, row 1.*rejected/);
  });

  test("lists all malformed rows, or skips and counts them", async () => {
    const rows = readFileSync(posts, "utf8");
    writeFileSync(posts, `{"prompt": 1}\n${rows}not JSON\n`);
    const files = await locateTldrFiles(posts);
    expect(() => tldrRows(files)).toThrow(
      /^posts\.jsonl, row 1: .*\nposts\.jsonl, row 22: not valid JSON.*\n2 rows are malformed: mend them, or skip them/,
    );
    const { posts: found, skipped } = tldrRows(files, { skipBad: true });
    expect([found.length, skipped.length]).toEqual([20, 2]);
    writeFileSync(posts, "no\n".repeat(30));
    const bad = await locateTldrFiles(posts);
    expect(() => tldrRows(bad)).toThrow(/row 20: .*\nand 10 more\. 30 rows are malformed/);
  });

  test("separates prompts alone and completions that are labelled as bad", async () => {
    const rows = [
      { prompt: "P" },
      { prompt: "Q", completion: "c", label: false },
      { prompt: "R", completion: "c", label: true },
    ];
    writeFileSync(posts, rows.map((row) => JSON.stringify(row)).join("\n"));
    const found = tldrRows(await locateTldrFiles(posts));
    expect(found.prompts.map(({ prompt }) => prompt)).toEqual(["P"]);
    expect(found.unwanted.map(({ prompt }) => prompt)).toEqual(["Q"]);
    expect(found.posts.map(({ prompt }) => prompt)).toEqual(["R"]);
  });

  test("names the file that a converted one came from", async () => {
    vi.stubEnv("ALLROADS_CACHE", folder);
    const csv = path.join(folder, "posts.csv");
    writeFileSync(csv, "prompt,completion\nP,c\nP\n");
    const files = await locateTldrFiles(csv);
    expect(() => tldrRows(files)).toThrow(/^posts\.csv, row 3: has 1 cells/);
    expect(tldrRows(files, { skipBad: true }).posts[0]?.where).toBe("posts.csv, row 2");
  });
});
