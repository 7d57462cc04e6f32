import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { hasEnded, thisProcess } from "../../src/pipeline/owner.ts";

const self = thisProcess();

describe.skipIf(!existsSync("/proc/self/stat"))("an owner", () => {
  test("names its host, process, boot and start", () => {
    expect(self).toMatchObject({ pid: process.pid, started: expect.stringMatching(/^\d+$/) });
    expect(self.place).toMatch(new RegExp(`^${self.host} [0-9a-f-]+ pid:\\[\\d+\\]$`));
    expect(thisProcess()).toEqual(self);
  });

  test("lives as long as its process, which a later one with the same id is not", () => {
    expect(hasEnded(self, self)).toBe(false);
    expect(hasEnded({ ...self, started: "1" }, self)).toBe(true);
    expect(hasEnded({ ...self, pid: spawnSync("true").pid }, self)).toBe(true);
  });

  test("has ended when its process waits for its parent to notice", async () => {
    // A process that does not wait for its children, one of which ends.
    const shell = spawn("sh", ["-c", "sleep 0.2 & echo $!; exec sleep 100"]);
    const pid = Number(String((await once(shell.stdout, "data"))[0]));
    while (!/\) Z /.test(readFileSync(`/proc/${pid}/stat`, "utf8"))) await setTimeout(10);
    expect(hasEnded({ ...self, pid }, self)).toBe(true);
    shell.kill("SIGKILL");
    await once(shell, "exit");
  });

  test("of another place is never known to have ended", () => {
    const pid = spawnSync("true").pid;
    expect(hasEnded({ ...self, pid, place: "elsewhere" }, self)).toBe(false);
    expect(hasEnded({ ...self, pid, place: undefined }, { ...self, place: undefined })).toBe(false);
  });
});
