import { expect, test } from "vitest";
import { parentWatch } from "../../../kernel/protocol/parent.ts";

const env = { JPY_PARENT_PID: "7" };

test.each(["linux", "darwin"] as const)(
  "on %s the parent has ended once another process is the parent",
  (platform) => {
    let parent = 7;
    const hasEnded = parentWatch(env, { platform, parent: () => parent, isAlive: () => true });
    expect(hasEnded?.()).toBe(false);
    parent = 1;
    expect(hasEnded?.()).toBe(true);
  },
);

test("in Windows the parent has ended once its process has", () => {
  const alive = new Set([7]);
  const isAlive = (pid: number) => alive.has(pid);
  const hasEnded = parentWatch({ JPY_PARENT_PID: "1234" }, { platform: "win32", parent: () => 7, isAlive });
  expect(hasEnded?.()).toBe(false);
  alive.delete(7);
  expect(hasEnded?.()).toBe(true);
});

test("a kernel that Jupyter has not started does not watch its parent", () => {
  expect(parentWatch({})).toBeUndefined();
  expect(parentWatch(env)?.()).toBe(false);
});
