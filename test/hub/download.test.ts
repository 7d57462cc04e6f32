import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { downloadBlob, type RemoteFile } from "../../src/hub/download.ts";
import { hubSettings } from "../../src/hub/settings.ts";
import { temporaryFolder } from "../temporary.ts";
import { type Fault, hashOf, type LocalHub, localHub, settingsFor } from "./local-hub.ts";

const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 251));
const file = { bytes, large: true };

let hub: LocalHub;
let blobs: string;
let blob: string;
let remote: RemoteFile;

beforeEach(async () => {
  hub = await localHub({ "a.bin": file });
  blobs = path.join(temporaryFolder("cache"), "blobs");
  blob = path.join(blobs, hashOf(file));
  const address = `${hub.endpoint}/datasets/o/n/resolve/main/a.bin`;
  remote = { name: "o/n/a.bin", address, size: bytes.length, hash: hashOf(file) };
});

/** Downloads the file; `faults` are those of requests for its bytes, of which each redirects first. */
async function download(
  faults: readonly Fault[] = [],
  changes: object = {},
  wanted: Partial<RemoteFile> = {},
) {
  hub.faults.get.push(...faults.flatMap((fault) => [{}, fault]));
  const settings = { ...hubSettings(), ...settingsFor(hub, ""), ...changes };
  await downloadBlob(settings, { ...remote, ...wanted }, blob);
}

/** Where each request for bytes began. */
const starts = () => ranges().map((range) => Number(/^bytes=(\d+)-$/.exec(range ?? "bytes=0-")?.[1]));
const ranges = () => hub.headers.map(({ range }) => range).filter((_, index) => index % 2 === 1);
const isWhole = () => existsSync(blob) && readFileSync(blob).equals(bytes);
const partials = () => readdirSync(blobs).filter((name) => name.endsWith(".incomplete"));

describe("a download", () => {
  test("has the bytes of the file, and leaves nothing else", async () => {
    await download();
    expect(isWhole()).toBe(true);
    expect(readdirSync(blobs)).toEqual([hashOf(file)]);
    await download();
    expect(hub.requests).toHaveLength(2);
  });

  test("continues where the connection was dropped", async () => {
    await download([{ drop: 100_000 }, { drop: 50_000 }]);
    expect(isWhole()).toBe(true);
    expect(starts()).toHaveLength(3);
    expect(starts()[1]).toBeGreaterThan(0);
    expect(starts()[2]).toBeGreaterThan(starts()[1]!);
  });

  test("does not give up on a bad connection as long as bytes arrive", async () => {
    await download(Array.from({ length: 8 }, () => ({ drop: 30_000 })));
    expect(isWhole()).toBe(true);
  });

  test("continues after a server that stops sending", async () => {
    await download([{ stall: 100_000 }], { patience: 200 });
    expect(isWhole()).toBe(true);
  });

  test("begins again if the server ignores the range or sends another", async () => {
    const wrong = { headers: { "content-range": `bytes 5-${bytes.length - 1}/${bytes.length}` } };
    await download([{ drop: 100_000 }, { whole: true, drop: 1000 }, wrong]);
    expect(isWhole()).toBe(true);
  });

  test.each([
    [429, { "retry-after": "0" }],
    [503, {}],
    [500, {}],
  ])("is tried again after status %s", async (status, headers) => {
    await download([
      { status, headers },
      { status, headers },
    ]);
    expect(isWhole()).toBe(true);
  });

  test("waits as long as the server asks, and refuses to wait for ever", async () => {
    const begin = performance.now();
    await download([{ status: 429, headers: { "retry-after": "1" } }]);
    expect(performance.now() - begin).toBeGreaterThan(990);
    blob += "x";
    await expect(download([{ status: 429, headers: { "retry-after": "86400" } }])).rejects.toThrow(
      /answers 429, too many requests, in 86400 s/,
    );
  });

  test("is given up after too many failures, and kept for the next time", async () => {
    await expect(download([{ drop: 100_000 }, ...Array(4).fill({ status: 503 })])).rejects.toThrow(
      /answers 503/,
    );
    expect(existsSync(blob)).toBe(false);
    expect(partials()).toHaveLength(1);
    const { size } = statSync(path.join(blobs, String(partials()[0])));
    expect(size).toBeGreaterThan(0);
    hub.headers.length = 0;
    await download();
    expect(starts()).toEqual([size]);
    expect(isWhole()).toBe(true);
    expect(partials()).toEqual([]);
  });

  test("is refused if its hash is wrong, and begins again if what was continued is damaged", async () => {
    await expect(download([{ damage: true }])).rejects.toThrow(
      /have the hash .* and not .*: the server's file is damaged/,
    );
    expect(readdirSync(blobs)).toEqual([]);
    writeFileSync(path.join(blobs, partialName(2 ** 22)), Buffer.alloc(1000));
    await download();
    expect(isWhole()).toBe(true);
  });

  test("is refused if it is longer than announced", async () => {
    await expect(download(Array(4).fill({ surplus: 10 }))).rejects.toThrow(
      /sends more than the 300000 bytes/,
    );
    expect(existsSync(blob)).toBe(false);
  });

  test("verifies git's hash of small files", async () => {
    const hash = hashOf({ bytes });
    blob = path.join(blobs, hash);
    await download([], {}, { hash });
    expect(isWhole()).toBe(true);
  });

  test("may run twice at once", async () => {
    await Promise.all([download(), download(), download()]);
    expect(isWhole()).toBe(true);
    expect(readdirSync(blobs)).toEqual([hashOf(file)]);
  });

  test("reports its progress", async () => {
    const seen: number[] = [];
    await download([{ drop: 100_000 }], {
      progress: ({ received }: { received: number }) => seen.push(received),
    });
    expect(seen[0]).toBe(0);
    expect(seen.every((received, index) => received >= (seen[index - 1] ?? 0))).toBe(true);
    expect(seen.at(-1)).toBe(bytes.length);
  });
});

const partialName = (pid: number) =>
  `${hashOf(file)}.${hostname()
    .replaceAll(/[^\w-]/g, "-")
    .slice(0, 32)}.${pid}-0.0a0b0c0d.incomplete`;

test.each([
  ["that runs is left alone", process.ppid, undefined, 1],
  ["that has ended is continued", 2 ** 22, "bytes=100000-", 0],
])("the partial file of a process %s", async (_, pid, range, left) => {
  mkdirSync(blobs);
  writeFileSync(path.join(blobs, partialName(pid)), bytes.subarray(0, 100_000));
  await download();
  expect(isWhole()).toBe(true);
  expect(ranges()).toEqual([range]);
  expect(partials()).toHaveLength(left);
});
