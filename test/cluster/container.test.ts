import { spawnSync } from "node:child_process";
import { chownSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { repositoryRoot } from "../../src/files/repository.ts";
import { buildImage, type Image, imageProblem } from "./image.ts";
import { storeDigests } from "./store-digests.ts";

/* The image of the Dockerfile, in containers without a network. */

const problem = imageProblem();
const USER = 10001;
/** Milliseconds, for what takes some minutes on a machine that does nothing else. */
const TIMEOUT = 1_800_000;

describe.skipIf(problem !== undefined)(`the image${problem ? ` (skipped: ${problem})` : ""}`, () => {
  let folder: string;
  let image: Image;

  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), "allroads-image-"));
    image = buildImage(path.join(folder, "build"));
  }, TIMEOUT);
  afterAll(() => {
    image?.remove();
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }, TIMEOUT);

  function newStore(name: string) {
    const store = path.join(folder, name);
    mkdirSync(store);
    chownSync(store, USER, USER);
    return store;
  }

  test(
    "runs the notebooks without a network as a user without rights, with the bytes of this machine",
    () => {
      const [inside, outside] = [newStore("inside"), newStore("outside")];
      const paper = "id -u && npm run paper -- --preset smoke --only 10";
      const { status, text } = image.run(inside, "sh", "-c", paper);
      expect({ status, text }).toMatchObject({
        status: 0,
        text: expect.stringContaining("10-ablation-two-words: done"),
      });
      expect(text).toMatch(new RegExp(`^${USER}$`, "m"));
      const args = [path.join(repositoryRoot(), "src/bin.mjs"), "train", "--preset", "smoke", "--only", "10"];
      const env = { ...process.env, ALLROADS_RUNS: outside };
      expect(spawnSync(process.execPath, args, { env }).status).toBe(0);
      expect(storeDigests(inside, [41])).toEqual(storeDigests(outside, [41]));
      expect(storeDigests(inside, [41]).length).toBeGreaterThan(50);
    },
    TIMEOUT,
  );

  test(
    "runs the tests without a network",
    () => {
      const { status, text } = image.run(newStore("tests"), "npm", "test", "--", "test/evaluation");
      expect({ status, text }).toMatchObject({
        status: 0,
        text: expect.stringMatching(/passed, 0 failed\n/),
      });
    },
    TIMEOUT,
  );
});
