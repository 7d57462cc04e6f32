import { createHash } from "node:crypto";
import path from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { writeFileAtomically } from "../files/atomic-write.ts";
import { readRegularFile } from "../files/file-system.ts";
import type { SampleShards } from "../models/sampling.ts";

/** Milliseconds of sampling that are lost, with one batch, if the process is killed. */
const LONGEST_LOSS = 60_000;

/** The most bytes of a shard: a minute's samples are far fewer. */
const MOST_BYTES = 2 ** 30;

const SHARD = /^samples-[0-9a-f]{16}-\d{6}\.json\.gz$/;

/** Whether a file in a stage's folder is a shard of samples. */
export const isShard = (file: string): boolean => SHARD.test(file);

/**
 * Finished samples of a stage that is being computed, in files of a minute's work each. `name` tells one call of `sample`
 * from others of the stage, and `run` names the stage.
 */
export function openShards(
  folder: string,
  run: string,
  name: string,
  longestLoss = LONGEST_LOSS,
): SampleShards {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const prefix = `samples-${hash(JSON.stringify([run, name])).slice(0, 16)}-`;
  const file = (index: number) => path.join(folder, `${prefix}${String(index).padStart(6, "0")}.json.gz`);
  const done: number[][][] = [];
  let shards = 0;
  /** The samples of a shard; undefined if there is none that continues what has been read. */
  const shard = (index: number): number[][][] | undefined => {
    try {
      const text = gunzipSync(readRegularFile(file(index), MOST_BYTES)).toString();
      const [digest, body = ""] = [text.slice(0, 64), text.slice(64)];
      if (hash(body) !== digest) return undefined;
      const { from, samples } = JSON.parse(body) as { from: number; samples: number[][][] };
      return from === done.length ? samples : undefined;
    } catch {
      return undefined;
    }
  };
  for (let found = shard(0); found !== undefined; found = shard(shards)) {
    for (const one of found) done.push(one);
    shards += 1;
  }
  let from = done.length;
  let waiting: number[][][] = [];
  let written = performance.now();
  return {
    done,
    add(samples) {
      waiting.push(...samples);
      if (performance.now() - written < longestLoss) return;
      const body = JSON.stringify({ from, samples: waiting });
      writeFileAtomically(file(shards), gzipSync(hash(body) + body, { level: 1 }));
      shards += 1;
      from += waiting.length;
      waiting = [];
      written = performance.now();
    },
  };
}
