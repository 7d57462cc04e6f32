import { writeFileSync } from "node:fs";
import path from "node:path";
import { expect, test } from "vitest";
import { hubSettings, progressLines } from "../../src/hub/settings.ts";
import { temporaryFolder } from "../temporary.ts";

test("the cache is where huggingface_hub has it", () => {
  const cache = (env: Record<string, string>) => hubSettings({}, env).cache;
  expect(cache({ HF_HUB_CACHE: "/c", HF_HOME: "/h" })).toBe("/c");
  expect(cache({ HF_HOME: "/h" })).toBe("/h/hub");
  expect(cache({ XDG_CACHE_HOME: "/x" })).toBe("/x/huggingface/hub");
  expect(cache({})).toMatch(/\/\.cache\/huggingface\/hub$/);
});

test("the endpoint, the token and the offline mode come from the environment", () => {
  const env = {
    HF_ENDPOINT: "http://localhost:1/hub/",
    HF_TOKEN: " secret\n",
    HF_HUB_OFFLINE: "1",
    HF_HOME: "/none",
  };
  expect(hubSettings({}, env)).toMatchObject({
    endpoint: "http://localhost:1/hub",
    token: "secret",
    offline: true,
  });
  expect(hubSettings({}, { HF_HOME: "/none" })).toMatchObject({ offline: false });
  expect(hubSettings({}, { HF_HOME: "/none" }).token).toBeUndefined();
  expect(() => hubSettings({}, { HF_ENDPOINT: "localhost" })).toThrow(/^HF_ENDPOINT must be an address/);
});

test("the token of a login is read, unless that is switched off", () => {
  const home = temporaryFolder("home");
  writeFileSync(path.join(home, "token"), "stored\n");
  expect(hubSettings({}, { HF_HOME: home }).token).toBe("stored");
  expect(hubSettings({}, { HF_HOME: home, HF_TOKEN: "given" }).token).toBe("given");
  expect(hubSettings({}, { HF_HOME: home, HF_HUB_DISABLE_IMPLICIT_TOKEN: "1" }).token).toBeUndefined();
});

test("long downloads are told of every ten seconds, and short ones not at all", () => {
  const told: string[] = [];
  let time = 0;
  const progress = progressLines(
    (text) => told.push(text),
    () => time,
  );
  const at = (seconds: number, received: number) => {
    time = seconds * 1000;
    progress({ file: "o/n/a", received, size: 2_000_000 });
  };
  at(60, 0);
  at(61, 2_000_000);
  at(62, 0);
  for (let seconds = 63; seconds < 92; seconds++) at(seconds, 20_000 * seconds);
  expect(told).toEqual(["o/n/a: 67 % of 2.0 MB", "o/n/a: 77 % of 2.0 MB", "o/n/a: 87 % of 2.0 MB"]);
});
