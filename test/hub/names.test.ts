import { describe, expect, test } from "vitest";
import { checkedFile, isCommit, parseHubFile, parseModelName } from "../../src/hub/names.ts";

describe("a model's name", () => {
  test.each([
    ["owner/name", undefined, "owner/name", "main"],
    ["owner/name@step1000", undefined, "owner/name", "step1000"],
    ["owner/name-1.4b", "v1.0", "owner/name-1.4b", "v1.0"],
    ["owner/name@a", "b", "owner/name", "a"],
    ["owner/name@refs/pr/7", undefined, "owner/name", "refs/pr/7"],
    ["gpt2", undefined, "gpt2", "main"],
  ])("%s with revision %s is %s at %s", (given, revision, name, at) => {
    expect(parseModelName(given, revision)).toEqual({ type: "model", name, revision: at });
  });

  test.each([
    "",
    "a/b/c",
    "../x",
    "o/..",
    "/abs",
    "o/n@",
    "o\\n",
    "o/a--b",
    "o/-n",
    "o/n.",
    "https://x/y",
    "o/n n",
  ])("%o is refused", (name) => {
    expect(() => parseModelName(name)).toThrow(/is not a model's name: give OWNER\/NAME/);
  });

  test.each(["../main", "a/../b", "a b", "/a", "a//b", "a\\b"])("the revision %o is refused", (revision) => {
    expect(() => parseModelName("o/n", revision)).toThrow(
      /is not a revision: give a branch, a tag or a commit's hash/,
    );
  });
});

describe("a data set's file", () => {
  test.each([
    ["hf://datasets/o/n/a.jsonl", "main", "a.jsonl"],
    ["hf://datasets/o/n@REV/data/a.parquet", "REV", "data/a.parquet"],
    ["hf://datasets/o/n@refs/convert/parquet/x/0.parquet", "refs/convert/parquet", "x/0.parquet"],
    ["hf://datasets/o/n@refs%2Fpr%2F1/a", "refs/pr/1", "a"],
  ])("%s is at revision %s the file %s", (given, revision, file) => {
    expect(parseHubFile(given)).toEqual({ type: "dataset", name: "o/n", revision, file });
  });

  test.each(["hf://datasets/o/n", "hf://datasets/o", "hf://o/n/a.jsonl", "hf://datasets/../n/a"])(
    "%s is refused",
    (given) => {
      expect(() => parseHubFile(given)).toThrow(
        "is not a file of a data set: give hf://datasets/OWNER/NAME/FILE",
      );
    },
  );
});

test.each(["../a", "a/../b", "/a", "a\\b", "C:/a", "a//b", "a/", ".", "a\0b", "a\nb", "x".repeat(1025)])(
  "the file name %o is refused",
  (name) => {
    expect(() => checkedFile(name)).toThrow(/could lead out of its folder/);
  },
);

test("only 40 lower-case hexadecimal digits are a commit", () => {
  expect([
    isCommit("a".repeat(40)),
    isCommit("a".repeat(39)),
    isCommit("A".repeat(40)),
    isCommit("main"),
  ]).toEqual([true, false, false, false]);
});
