import { spawnSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { cachedFile, linkBlob } from "../../src/hub/cache.ts";
import { hubFile, modelSnapshot } from "../../src/hub/hub.ts";
import { temporaryFolder } from "../temporary.ts";
import { type LocalFile, localHub, settingsFor } from "./local-hub.ts";

type Tree = Record<string, { link: string } | { text: string }>;

const fixture = (name: string) =>
  JSON.parse(readFileSync(new URL(`fixtures/${name}.json`, import.meta.url), "utf8"));
const expected: Tree = fixture("huggingface-cache");
const given: { commit: string; files: Record<string, string>; large: string[] } = fixture("files");
const files: Record<string, LocalFile> = Object.fromEntries(
  Object.entries(given.files).map(([name, text]) => [
    name,
    { bytes: Buffer.from(text), large: given.large.includes(name) },
  ]),
);
const ROWS = "hf://datasets/o/n@refs/pr/1/data/rows.jsonl";

/** The files and links of a cache. */
function treeOf(folder: string): Tree {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const named = entries.flatMap((entry): [string, { link: string } | { text: string }][] => {
    const place = path.join(entry.parentPath, entry.name);
    const name = path.relative(folder, place);
    if (entry.isSymbolicLink()) return [[name, { link: readlinkSync(place) }]];
    return entry.isFile() ? [[name, { text: readFileSync(place, "utf8") }]] : [];
  });
  return Object.fromEntries(named);
}

/** A cache with the files that `tree` lists. */
function cacheOf(tree: Tree): string {
  const cache = temporaryFolder("cache");
  for (const [name, entry] of Object.entries(tree)) {
    const place = path.join(cache, name);
    mkdirSync(path.dirname(place), { recursive: true });
    if ("link" in entry) symlinkSync(entry.link, place);
    else writeFileSync(place, entry.text);
  }
  return cache;
}

/** A cache into which the files of the fixture were downloaded. */
async function downloaded(): Promise<string> {
  const hub = await localHub(files, given.commit);
  const cache = temporaryFolder("cache");
  await modelSnapshot("o/n", undefined, settingsFor(hub, cache));
  await hubFile(ROWS, settingsFor(hub, cache));
  return cache;
}

describe("compared with huggingface_hub", () => {
  test("downloads make the same cache", async () => {
    expect(treeOf(await downloaded())).toEqual(expected);
  });

  test("its cache is used without a request", async () => {
    const cache = cacheOf(expected);
    const offline = { cache, offline: true, endpoint: "http://127.0.0.1:9" };
    const { folder, commit } = await modelSnapshot("o/n", undefined, offline);
    expect(commit).toBe(given.commit);
    expect(readFileSync(path.join(folder, "model.safetensors"), "utf8")).toBe("weights");
    expect(readFileSync(await hubFile(ROWS, offline), "utf8")).toBe(given.files["data/rows.jsonl"]);
    expect(treeOf(cache)).toEqual(expected);
  });
});

const PROGRAM = `
import sys
from huggingface_hub import hf_hub_download
print(hf_hub_download("o/n", "config.json", cache_dir=sys.argv[1]))
print(hf_hub_download("o/n", "data/rows.jsonl", repo_type="dataset", revision="refs/pr/1", cache_dir=sys.argv[1]))
`;
const python = process.env.PYTHON ?? "python3";
const hasLibrary = spawnSync(python, ["-c", "import huggingface_hub"]).status === 0;

test.skipIf(!hasLibrary)(
  "huggingface_hub finds what was downloaded (skipped if it is not installed)",
  async () => {
    const cache = await downloaded();
    const env = { ...process.env, HF_HUB_OFFLINE: "1" };
    const { stdout, stderr } = spawnSync(python, ["-c", PROGRAM, cache], { encoding: "utf8", env });
    const snapshot = (kind: string, name: string) =>
      path.join(cache, `${kind}--o--n`, "snapshots", given.commit, name);
    expect(stdout.trim().split("\n"), stderr).toEqual([
      snapshot("models", "config.json"),
      snapshot("datasets", "data/rows.jsonl"),
    ]);
  },
);

test("a file is neither read nor written through a link out of the cache", () => {
  const cache = temporaryFolder("cache");
  const outside = temporaryFolder("outside");
  const repository = { type: "model", name: "o/n" } as const;
  const snapshots = path.join(cache, "models--o--n", "snapshots");
  mkdirSync(path.join(snapshots, given.commit), { recursive: true });
  writeFileSync(path.join(outside, "secret.json"), "secret");
  symlinkSync(path.join(outside, "secret.json"), path.join(snapshots, given.commit, "config.json"));
  symlinkSync(outside, path.join(snapshots, given.commit, "data"));
  const blob = path.join(cache, "blob");
  writeFileSync(blob, "{}");
  expect(() => cachedFile(cache, repository, given.commit, "config.json")).toThrow(
    /is a link out of the cache/,
  );
  expect(() => linkBlob(cache, repository, given.commit, "data/rows.jsonl", blob)).toThrow(
    /link out of the cache/,
  );
  expect(readdirSync(outside)).toEqual(["secret.json"]);
  expect(() => cachedFile(cache, repository, given.commit, "../x")).toThrow(/could lead out of its folder/);
});
