import { execFileSync, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { bytesBelow, inventory, problems, remove } from "../../src/pipeline/inventory.ts";
import { leftovers } from "../../src/pipeline/leftovers.ts";
import { inlinePool } from "../../src/pipeline/pool.ts";
import { stageId } from "../../src/pipeline/stage-id.ts";
import { temporaryFolder } from "../temporary.ts";
import { computeStubs, stubs } from "./stub-stages.ts";

vi.mock("../../src/pipeline/kinds.ts", async (original) => {
  const { withStubs } = await import("./stub-kind.ts");
  return withStubs(await original<typeof import("../../src/pipeline/kinds.ts")>());
});

// In memory, where there are no seconds to lose by flushing.
vi.stubEnv("TMPDIR", existsSync("/dev/shm") ? "/dev/shm" : tmpdir());

/** Ways to spoil the content of a file. `number` chooses among the many ways of one kind. */
const contentMutations: Record<string, (content: Buffer, number: number) => Buffer | string> = {
  "flips a bit": (content, number) => {
    content[number % content.length]! ^= 1 << (number % 8);
    return content;
  },
  "cuts it short": (content, number) => content.subarray(0, number % content.length),
  "empties it": () => "",
  "appends bytes": (content, number) => Buffer.concat([content, Buffer.alloc(1 + (number % 9), number)]),
  "replaces its bytes": (_, number) => Buffer.alloc(number % 5000, `${number} {"`),
  "replaces it by another value": (_, number) =>
    JSON.stringify([null, [], {}, "text", -1, { id: "x", stage: null, files: null }][number % 6]),
  "drops a field": (content, number) => {
    const fields = Object.entries(JSON.parse(content.toString()));
    fields.splice(number % fields.length, 1);
    return JSON.stringify(Object.fromEntries(fields), null, 2);
  },
};

/** Ways to replace what is at a path. */
const placeMutations: Record<string, (at: string, number: number) => void> = {
  "removes it": (at) => rmSync(at, { recursive: true }),
  "makes it huge": (at) => truncateSync(at, 2 ** 34),
  "puts a folder there": (at) => replace(at, () => mkdirSync(path.join(at, "inner"), { recursive: true })),
  "puts a file there": (at) => replace(at, () => writeFileSync(at, "a file")),
  "puts a link that leads nowhere there": (at) => replace(at, () => symlinkSync(`${at}.nothing`, at)),
  "puts a link to itself there": (at) => replace(at, () => symlinkSync(at, at)),
  "puts a link to a device there": (at) => replace(at, () => symlinkSync("/dev/zero", at)),
  "puts a pipe there": (at) => replace(at, () => execFileSync("mkfifo", [at])),
  "forbids to read it": (at) => chmodSync(at, 0),
  "swaps it with its neighbour": (at, number) => {
    const others = readdirSync(path.dirname(at)).map((name) => path.join(path.dirname(at), name));
    const other = others[number % others.length]!;
    renameSync(at, `${at}.swap`);
    if (other !== at) renameSync(other, at);
    renameSync(`${at}.swap`, other);
  },
  "copies it beside": (at, number) => {
    // The copy of a huge file would not be sparse.
    if (bytesBelow(at) < 2 ** 20) cpSync(at, `${at}${number % 3}`, { recursive: true });
  },
};

/** Mutates what is at a path, if that is possible there. */
function mutate(kind: string, at: string, number: number): void {
  try {
    const changed = contentMutations[kind];
    if (changed === undefined) placeMutations[kind]!(at, number);
    else if (lstatSync(at).isFile() && lstatSync(at).size < 2 ** 20)
      writeFileSync(at, changed(readFileSync(at), number));
  } catch {
    // Not JSON, for example.
  }
}

function replace(at: string, make: () => void): void {
  rmSync(at, { recursive: true, force: true });
  make();
}

/** Everything in a folder, links and pipes included, by name. */
function everythingIn(folder: string): string[] {
  // A user other than root may not look into a forbidden folder.
  const isOpen = (lstatSync(folder).mode & 0o500) === 0o500;
  return (isOpen ? readdirSync(folder) : []).flatMap((name) => {
    const at = path.join(folder, name);
    return lstatSync(at).isDirectory() ? [at, ...everythingIn(at)] : [at];
  });
}

/** The digests of the files of the stubs, without manifests. */
function digests(folder: string): string[] {
  return stubs.flatMap((stage) => {
    const own = path.join(folder, stageId(stage));
    const names = ["config.json", "model.safetensors", "result.json"];
    const digest = (name: string) =>
      createHash("sha256")
        .update(readFileSync(path.join(own, name)))
        .digest("hex");
    return names.map((name) => `${name} ${digest(name)}`);
  });
}

/** A store with a finished stub, and another that was stopped by the end of its process. */
async function storeWithWork(): Promise<string> {
  const folder = temporaryFolder("mutations");
  const inline = inlinePool();
  const run: typeof inline.run = (store, stage, onProgress) =>
    inline.run(store, stage, stage === stubs[0] ? onProgress : () => inline.close());
  await expect(computeStubs(folder, { pool: { ...inline, run } })).rejects.toThrow("was stopped");
  const work = path.join(folder, ".unfinished", stageId(stubs[1]));
  expect(readdirSync(work)).toEqual(["checkpoint.safetensors"]);
  writeFileSync(path.join(work, "lease-1"), JSON.stringify({ host: "a", pid: 7, place: "gone" }));
  return folder;
}

test("whatever is done to files of a store, every command finishes, and a run ends with the same bytes", async () => {
  const whole = temporaryFolder("mutations");
  await computeStubs(whole);
  const expected = digests(whole);
  const original = await storeWithWork();
  vi.spyOn(process.stderr, "write").mockReturnValue(true);
  const timing = { beat: 1, patience: 3 };
  const kinds = [...Object.keys(contentMutations), ...Object.keys(placeMutations)];
  const mutation = fc.tuple(fc.constantFrom(...kinds), fc.nat(), fc.nat(2 ** 20));
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 4 }), async (chosen) => {
      const folder = path.join(temporaryFolder("mutations"), "runs");
      // Run before the folder is removed, which forbidden folders would prevent.
      onTestFinished(() => void spawnSync("chmod", ["-R", "u+rwX", folder]));
      cpSync(original, folder, { recursive: true });
      for (const [kind, place, number] of chosen) {
        const places = everythingIn(folder);
        if (places.length > 0) mutate(kind, places[place % places.length]!, number);
      }
      inventory(folder);
      problems(folder);
      await leftovers(folder, () => true, timing);
      await computeStubs(folder);
      expect(digests(folder)).toEqual(expected);
      expect(problems(folder).filter(({ id }) => stubs.some((stage) => stageId(stage) === id))).toEqual([]);
      const { unneeded } = await leftovers(folder, () => true, timing);
      expect(remove(folder, unneeded)).toEqual([]);
      expect(readdirSync(folder).filter((name) => /^\.damaged$|\.tmp$/.test(name))).toEqual([]);
      spawnSync("chmod", ["-R", "u+rwX", folder]);
      rmSync(path.dirname(folder), { recursive: true });
    }),
    { numRuns: 150 },
  );
});
