import { spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { jupyterEnvironment } from "../../../kernel/setup/jupyter-environment.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { temporaryFolder } from "../../temporary.ts";

/** The arguments that run execute.py without notebooks, beside a program of Node. */
function besides(program: string): { args: string[]; folder: string } {
  const folder = temporaryFolder("beside");
  mkdirSync(path.join(folder, "logs"));
  const plan = {
    notebooks: [],
    folder,
    out: path.join(folder, "out"),
    kernel: "allroads",
    jobs: 1,
    timeout: null,
    template: { name: "report", basedir: paths.templates },
    metadata: {},
    logs: path.join(folder, "logs"),
    beside: [process.execPath, "-e", program],
  };
  return {
    args: [path.join(paths.root, "kernel", "headless", "execute.py"), JSON.stringify(plan)],
    folder,
  };
}

const options = { env: jupyterEnvironment(), encoding: "utf8" } as const;

describe.skipIf(!existsSync(paths.python))("a program beside the notebooks", () => {
  test.each([
    ["succeeds", 0],
    ["fails", 3],
  ])("that %s: its lines are logged, and the exit status says so", (_, code) => {
    const program = `console.log("first\\n\\x1b[31msecond\\x1b[0m \\u202e"); console.error("third"); process.exitCode = ${code};`;
    const run = spawnSync(paths.python, besides(program).args, options);
    expect(run.stdout).toBe("check: first\ncheck: second \\u202e\ncheck: third\n");
    expect(run.status, run.stderr).toBe(code === 0 ? 0 : 1);
  });

  test("has a terminal if there is one: its progress is shown on a line that is drawn anew, its lines are logged", () => {
    const program = `
      process.stdout.write("\\r\\x1b[K25 %" + (process.stdout.isTTY ? " on a terminal" : ""));
      setTimeout(() => process.stdout.write("\\r\\x1b[Kdone\\n"), 1500);`;
    const terminal = "import pty, sys; sys.exit(pty.spawn(sys.argv[1:]) >> 8)";
    const { args } = besides(program);
    const run = spawnSync(paths.python, ["-c", terminal, paths.python, ...args], options);
    expect(run.status, run.stderr).toBe(0);
    expect(run.stdout).toMatch(/check {2}\d s {2}25 % on a terminal\r\n/);
    expect(run.stdout).toMatch(/check: done\r\ncheck {2}\d s\r\n/);
    expect(run.stdout).not.toContain("check: 25 %");
  });

  test("is asked to end by the signal that ends the notebooks, and is waited for", async () => {
    const { args, folder } = besides(`
      const end = () => { require("node:fs").writeFileSync("ended", ""); process.exit(143); };
      process.on("SIGTERM", () => setTimeout(end, 200));
      setInterval(() => {}, 1000);
      console.log("ready");`);
    const child = spawn(paths.python, args, { ...options, cwd: folder });
    let text = "";
    const ready = new Promise((resolve) => {
      child.stdout.on("data", (data) => {
        text += data;
        if (text.includes("ready")) resolve(undefined);
      });
    });
    const ended = new Promise((resolve) => child.on("exit", resolve));
    await ready;
    child.kill("SIGTERM");
    expect(await ended).toBe(143);
    expect(readdirSync(folder)).toContain("ended");
  });
});
