import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { expect, test } from "vitest";

const shell = path.resolve(import.meta.dirname, "../../../kernel/setup/shell.mjs");

/** Runs a command in the foreground, in a process without a terminal, that says when it gets a signal and exits with 7. */
const program = `
const { runInForeground } = await import(${JSON.stringify(shell)});
const child = "for (const s of ['SIGINT','SIGTERM','SIGHUP']) process.on(s, () => { console.log(s); process.exit(7); });" +
  "console.log('ready'); setTimeout(() => {}, 20_000);";
process.exit(await runInForeground(process.execPath, ["-e", child]));`;

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "without a terminal, %s is passed on to the command, whose end is awaited",
  async (signal) => {
    const outer = spawn(process.execPath, ["--input-type=module", "-e", program], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const texts: string[] = [];
    outer.stdout.on("data", (text) => texts.push(String(text)));
    await once(outer.stdout, "data");
    outer.kill(signal);
    expect(await once(outer, "exit")).toEqual([7, null]);
    expect(texts.join("")).toBe(`ready\n${signal}\n`);
  },
);
