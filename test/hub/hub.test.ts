import {
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { cachedModelSnapshot, hubFile, modelSnapshot } from "../../src/hub/hub.ts";
import { temporaryFolder } from "../temporary.ts";
import { hashOf, type LocalFile, type LocalHub, localHub, settingsFor } from "./local-hub.ts";

const text = (content: string): LocalFile => ({ bytes: Buffer.from(content) });
const large = (content: string): LocalFile => ({ bytes: Buffer.from(content), large: true });
const index = JSON.stringify({ weight_map: { a: "model-1.safetensors", b: "model-2.safetensors" } });
const files = {
  "rows.jsonl": text('{"prompt": "P", "completion": " c"}\n'),
  "config.json": text("{}"),
  "tokenizer.json": text("{ }"),
  "model.safetensors.index.json": text(index),
  "model-1.safetensors": large("one"),
  "model-2.safetensors": large("two"),
  "pytorch_model.bin": large("pickle"),
  "modeling.py": text("code"),
};
const ROWS = "hf://datasets/o/n/rows.jsonl";

let hub: LocalHub;
let cache: string;
let settings: ReturnType<typeof settingsFor>;

beforeEach(async () => {
  hub = await localHub(files);
  cache = temporaryFolder("cache");
  settings = settingsFor(hub, cache);
});

const atCommit = () => `hf://datasets/o/n@${hub.commit}/rows.jsonl`;

describe("a data set's file", () => {
  test("is put into the cache as huggingface_hub does", async () => {
    const place = await hubFile(ROWS, settings);
    const folder = path.join(cache, "datasets--o--n");
    expect(place).toBe(path.join(folder, "snapshots", hub.commit, "rows.jsonl"));
    expect(readlinkSync(place)).toBe(`../../blobs/${hashOf(files["rows.jsonl"])}`);
    expect(readFileSync(path.join(folder, "refs", "main"), "utf8")).toBe(hub.commit);
    expect(readFileSync(place)).toEqual(files["rows.jsonl"].bytes);
  });

  test("of a branch is asked for once when it is cached", async () => {
    await hubFile(ROWS, settings);
    hub.requests.length = 0;
    await hubFile(ROWS, settings);
    expect(hub.requests).toEqual(["HEAD /datasets/o/n/resolve/main/rows.jsonl"]);
  });

  test("of a commit takes no request when it is cached", async () => {
    const place = await hubFile(ROWS, settings);
    hub.requests.length = 0;
    expect(await hubFile(atCommit(), settings)).toBe(place);
    expect(hub.requests).toEqual([]);
  });

  test("is asked for at the revision that the name has", async () => {
    await hubFile("hf://datasets/o/n@refs/pr/2/rows.jsonl", settings);
    expect(hub.requests[0]).toBe("HEAD /datasets/o/n/resolve/refs%2Fpr%2F2/rows.jsonl");
    expect(readFileSync(path.join(cache, "datasets--o--n/refs/refs/pr/2"), "utf8")).toBe(hub.commit);
  });

  test("comes from the cache, which is said, if the hub does not answer", async () => {
    const place = await hubFile(ROWS, settings);
    hub.faults.head.push(...Array(4).fill({ status: 503 }));
    expect(await hubFile(ROWS, settings)).toBe(place);
    await hub.close();
    expect(await hubFile(ROWS, settings)).toBe(place);
    expect(settings.told).toHaveLength(2);
    expect(settings.told[0]).toMatch(
      /the hub does not answer \(.* 503, .*\); using commit c0ffee0+ from the cache\.$/,
    );
  });

  test("comes from the cache without a request if HF_HUB_OFFLINE is set", async () => {
    const offline = { ...settings, offline: true };
    await expect(hubFile(ROWS, offline)).rejects.toThrow(/HF_HUB_OFFLINE is set and it is not in the cache/);
    const place = await hubFile(ROWS, settings);
    hub.requests.length = 0;
    expect(await hubFile(ROWS, offline)).toBe(place);
    expect(hub.requests).toEqual([]);
  });

  test("is fetched again at the commit that the branch has moved to", async () => {
    await hubFile(ROWS, settings);
    const moved = await localHub({ "rows.jsonl": text("new") }, "d".repeat(40));
    expect(readFileSync(await hubFile(ROWS, settingsFor(moved, cache)), "utf8")).toBe("new");
  });
});

describe("an error names", () => {
  test("what does not exist", async () => {
    await expect(hubFile("hf://datasets/o/n/none.jsonl", settings)).rejects.toThrow(
      /^hf:\/\/datasets\/o\/n\/none\.jsonl could not be fetched \(127\.0\.0\.1:\d+ answers 404, no such file\): check/,
    );
  });

  test.each([
    [
      { status: 401, headers: {} },
      /answers 401: the name is wrong, or it is private and HF_TOKEN gives no access/,
    ],
    [{ status: 403, headers: { "x-error-code": "GatedRepo" } }, /accept their terms and set HF_TOKEN/],
    [{ status: 404, headers: { "x-error-code": "RevisionNotFound" } }, /no such revision/],
  ])("the access that is missing: %o", async (fault, message) => {
    hub.faults.head.push(fault);
    await expect(hubFile(ROWS, settings)).rejects.toThrow(message);
    expect(hub.requests).toHaveLength(1);
  });

  test.each([[{ etag: '"short"' }], [{ "x-repo-commit": "main" }]])(
    "a description of a file that cannot be verified: %o",
    async (headers) => {
      hub.faults.head.push({ headers });
      await expect(hubFile(ROWS, settings)).rejects.toThrow(/so it cannot be verified/);
    },
  );

  test("a list of files that is not one", async () => {
    for (const names of [["../config.json"], ["/etc/config.json"], ["a\\config.json"]]) {
      hub.names = names;
      await expect(modelSnapshot("o/n", undefined, settings)).rejects.toThrow(/could lead out of its folder/);
    }
  });
});

describe("the token", () => {
  test("goes to the hub and not to the host that it redirects to", async () => {
    const store = await localHub(files);
    hub.elsewhere = store.endpoint;
    await modelSnapshot("o/n", undefined, { ...settings, token: "secret" });
    expect(new Set(hub.headers.map(({ authorization }) => authorization))).toEqual(
      new Set(["Bearer secret"]),
    );
    expect(store.requests.length).toBe(2);
    expect(store.headers.every(({ authorization }) => authorization === undefined)).toBe(true);
  });
});

describe("a model's snapshot", () => {
  test("has configuration, tokenizer and weights, and no pickle and no code", async () => {
    const { folder, commit } = await modelSnapshot("o/n", undefined, settings);
    expect(commit).toBe(hub.commit);
    expect(folder).toBe(path.join(cache, "models--o--n", "snapshots", commit));
    expect(readFileSync(path.join(folder, "model-2.safetensors"), "utf8")).toBe("two");
    for (const name of ["pytorch_model.bin", "modeling.py"])
      expect(existsSync(path.join(folder, name))).toBe(false);
    expect(cachedModelSnapshot("o/n", undefined, { cache })).toEqual({ folder, commit });
  });

  test("of a branch is asked for once, and of a commit not at all, when it is cached", async () => {
    const found = await modelSnapshot("o/n", undefined, settings);
    hub.requests.length = 0;
    expect(await modelSnapshot("o/n", undefined, settings)).toEqual(found);
    expect(hub.requests).toEqual(["GET /api/models/o/n/revision/main"]);
    expect(await modelSnapshot(`o/n@${hub.commit}`, undefined, settings)).toEqual(found);
    expect(hub.requests).toHaveLength(1);
    hub.faults.list.push({ drop: 0 }, ...Array(3).fill({ status: 503 }));
    expect(await modelSnapshot("o/n", undefined, settings)).toEqual(found);
    expect(settings.told).toHaveLength(1);
  });

  test("is not whole as long as a shard is missing", async () => {
    const { folder } = await modelSnapshot("o/n", undefined, settings);
    rmSync(path.join(folder, "model-1.safetensors"));
    expect(cachedModelSnapshot("o/n", undefined, { cache })).toBeUndefined();
    hub.requests.length = 0;
    await modelSnapshot("o/n", hub.commit, settings);
    expect(hub.requests.filter((one) => one.includes("model-1"))).toEqual([
      `HEAD /o/n/resolve/${hub.commit}/model-1.safetensors`,
    ]);
    expect(readFileSync(path.join(folder, "model-1.safetensors"), "utf8")).toBe("one");
  });

  test("is refused if its index is damaged", async () => {
    const broken = await localHub({ ...files, "model.safetensors.index.json": text('{"weight_map": {}}') });
    await expect(modelSnapshot("o/n", undefined, settingsFor(broken, cache))).rejects.toThrow(
      /model\.safetensors\.index\.json names no files of weights/,
    );
  });

  test("needs safetensors", async () => {
    hub.names = ["config.json", "tokenizer.json", "pytorch_model.bin"];
    await expect(modelSnapshot("o/n", undefined, settings)).rejects.toThrow(
      /^o\/n could not be fetched \(it has no model\.safetensors, and pickled weights are not read: choose/,
    );
  });
});

describe("a link out of the cache", () => {
  test("is refused in place of a file and of a folder", async () => {
    const outside = temporaryFolder("outside");
    writeFileSync(path.join(outside, "rows.jsonl"), "secret");
    const snapshots = path.join(cache, "datasets--o--n", "snapshots");
    mkdirSync(snapshots, { recursive: true });
    symlinkSync(outside, path.join(snapshots, hub.commit));
    await expect(hubFile(atCommit(), settings)).rejects.toThrow(/is a link out of the cache/);
    await expect(hubFile(ROWS, settings)).rejects.toThrow(/is a link out of the cache/);
    rmSync(path.join(outside, "rows.jsonl"));
    await expect(hubFile(ROWS, settings)).rejects.toThrow(/is a link out of the cache/);
    expect(existsSync(path.join(outside, "rows.jsonl"))).toBe(false);
  });
});
