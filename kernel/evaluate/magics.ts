import { type SpawnOptions, spawn } from "node:child_process";
import os from "node:os";
import path from "node:path";
import { magicList } from "../session/magics/names.ts";
import type { ClientIO } from "./client-io.ts";
import { shellWord } from "./shell-word.ts";

/** How a child process has ended. */
interface Ending {
  status: number | null;
  signal: NodeJS.Signals | null;
}

/** A duration in µs as text. */
export function durationText(microseconds: number): string {
  const units = [
    ["s", 1e6],
    ["ms", 1e3],
    ["µs", 1],
  ] as const;
  const [unit, size] = units.find(([, each]) => microseconds >= each) ?? ["µs", 1];
  return `${Number((microseconds / size).toPrecision(3))} ${unit}`;
}

/** Starts to measure the time. Returns the function that describes how long it took. */
function startTimer(): () => string {
  const cpu = process.cpuUsage();
  const wall = process.hrtime.bigint();
  return () => {
    const microseconds = Number(process.hrtime.bigint() - wall) / 1e3;
    const { user, system } = process.cpuUsage(cpu);
    return `CPU time: ${durationText(user)} user, ${durationText(system)} system\nWall time: ${durationText(microseconds)}\n`;
  };
}

/** Runs a program whose output is shown, and waits for its end. */
function run({ print }: ClientIO, file: string, args: string[], options: SpawnOptions): Promise<Ending> {
  // Where the output of a process that inherits the streams cannot be shown: see `captureChildProcesses`.
  const output = process.platform === "win32" ? "pipe" : "inherit";
  const child = spawn(file, args, { ...options, stdio: ["ignore", output, output] });
  for (const name of ["stdout", "stderr"] as const)
    child[name]?.setEncoding("utf8").on("data", (text: string) => print(name, text));
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on(output === "pipe" ? "close" : "exit", (status, signal) => resolve({ status, signal }));
  });
}

/** A folder as typed after `%cd`. */
function folderOf(text: string, previous: string): string {
  const unquoted = text.replace(/^(["'])(.*)\1$/, "$2");
  if (unquoted === "-") return previous;
  const home = os.homedir();
  return path.resolve(unquoted === "" ? home : unquoted.replace(/^~(?=$|[\\/])/, () => home));
}

/** Carries out `%env`. */
function environment(text: string): unknown {
  if (text === "") return { ...process.env };
  const { name = "", value } = /^(?<name>[^\s=]+)(?:\s*=\s*|\s+)?(?<value>.+)?$/s.exec(text)?.groups ?? {};
  if (value === undefined && !text.includes("=")) {
    if (process.env[name] === undefined) throw new Error(`%env ${name}: there is no variable of this name.`);
    return process.env[name];
  }
  process.env[name] = value ?? "";
  return undefined;
}

/** Defines the functions that magics are translated to. `onCellEnd` calls a function once at the end of the cell. */
export function installMagics(clientIO: ClientIO, onCellEnd: (callback: () => void) => void): void {
  const print = (text: string) => clientIO.print("stdout", text);
  let previousFolder = process.cwd();
  let stopTimer = startTimer();
  const value = {
    shell: async (command: string) => void (await run(clientIO, command, [], { shell: true })),
    word: (found: unknown, expression: string, inQuotes: boolean) => shellWord(found, expression, inQuotes),
    async script(program: string, text: string) {
      const { status, signal } = await run(clientIO, program, ["-c", text], {}).catch((error) => {
        throw new Error(
          `%%${program}: the program ${program} cannot be run (${error.message}). Install it, or use %%sh.`,
        );
      });
      if (status !== 0)
        throw new Error(`%%${program}: the script ended with ${signal ?? `status ${status}`}.`);
    },
    show: (type: string, text: string) => clientIO.display({ [type]: text }),
    time<T>(compute: () => T): T {
      const stop = startTimer();
      const result = compute();
      if (!(result instanceof Promise)) {
        print(stop());
        return result;
      }
      return result.finally(() => print(stop())) as T;
    },
    start() {
      stopTimer = startTimer();
    },
    stop: () => print(stopTimer()),
    timeCell() {
      const stop = startTimer();
      onCellEnd(() => print(stop()));
    },
    cd(text: string) {
      const folder = folderOf(text, previousFolder);
      const before = process.cwd();
      try {
        process.chdir(folder);
      } catch (error) {
        throw new Error(`%cd: ${folder} cannot be entered (${(error as NodeJS.ErrnoException).code}).`);
      }
      previousFolder = before;
      print(`${process.cwd()}\n`);
    },
    env: environment,
    pwd: () => process.cwd(),
    lsmagic: () => print(`${magicList()}\n`),
    unknown(name: string) {
      throw new SyntaxError(`There is no magic ${name}. %lsmagic lists those that there are.`);
    },
  };
  Object.defineProperty(globalThis, "__cellMagics", { value });
}
