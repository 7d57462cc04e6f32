import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { identify, isAlive, killOrphans, PLACE } from "../../../kernel/setup/processes.mjs";
import { runLogged, runningFolder } from "../../../kernel/setup/shell.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";

const folder = useTemporaryFolder();
const log = () => folder.at("setup.log");
const running = () => runningFolder(log());

const url = (name: string) => JSON.stringify(new URL(`../../../kernel/setup/${name}`, import.meta.url).href);

/** Starts a process that runs a command with a grandchild, which writes its id. */
async function startParent() {
  const command = "sleep 60 & echo $! > grandchild; wait";
  const script = `
    import { runLogged } from ${url("shell.mjs")};
    await runLogged("Waiting", "sh", ["-c", ${JSON.stringify(command)}], { log: ${JSON.stringify(log())} });`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", script], { cwd: folder.at() });
  const file = folder.at("grandchild");
  await expect.poll(() => existsSync(file) && readFileSync(file, "utf8"), { timeout: 20_000 }).toMatch(/\n/);
  return { parent, grandchild: identify(Number(readFileSync(file, "utf8"))) };
}

test("the commands of a killed set-up are ended by the next one, with all that they started", async () => {
  const { parent, grandchild } = await startParent();
  killOrphans(running());
  expect(isAlive(grandchild)).toBe(true);
  const exited = new Promise((resolve) => parent.on("exit", resolve));
  parent.kill("SIGKILL");
  await exited;
  expect(isAlive(grandchild)).toBe(true);
  killOrphans(running());
  await expect.poll(() => isAlive(grandchild), { timeout: 20_000 }).toBe(false);
  expect(readdirSync(running())).toEqual([]);
});

test("a command that has ended is not recorded any more", async () => {
  await runLogged("Nothing", "true", [], { log: log() });
  expect(readdirSync(running())).toEqual([]);
});

test("only recorded processes of this machine are ended, and wrong records are removed", async () => {
  const child = spawn("sleep", ["60"], { detached: true });
  const leader = identify(Number(child.pid));
  const ended = { pid: 2147483646, start: "1" };
  const records = {
    elsewhere: { place: "another-host 1 pid:[1]", leader, parent: ended },
    earlier: { place: PLACE, leader: { ...leader, start: "1" }, parent: ended },
    negative: { place: PLACE, leader: { pid: -1, start: "1" }, parent: ended },
    init: { place: PLACE, leader: { pid: 1, start: "1" }, parent: ended },
    empty: {},
  };
  for (const [name, record] of Object.entries(records))
    folder.put(`running/${name}.json`, JSON.stringify(record));
  folder.put("running/text.json", "{");
  folder.put("running/folder/file", "");
  killOrphans(running());
  expect(isAlive(leader)).toBe(true);
  expect(readdirSync(running())).toEqual([]);
  child.kill();
  killOrphans(folder.at("missing"));
});
