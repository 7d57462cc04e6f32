import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { buildSync } from "esbuild";
import { describe, expect, test } from "vitest";
import type { JudgedWinRate } from "../../src/judge/summary.ts";
import { temporaryFolder } from "../temporary.ts";
import { chatServer, type Reaction, type Received } from "./chat-server.ts";

const COUNT = 16;

/** The program judge-child.ts with all that it imports, as one file. */
function childProgram(): string {
  const outfile = path.join(temporaryFolder("program"), "judge-child.mjs");
  const entryPoints = [path.join(import.meta.dirname, "judge-child.ts")];
  const banner = { js: 'import { createRequire } from "node:module"; const require = createRequire("/");' };
  buildSync({
    entryPoints,
    outfile,
    bundle: true,
    platform: "node",
    format: "esm",
    target: "node20",
    banner,
  });
  return outfile;
}

/** Runs the program in a process of its own. */
function start(program: string, baseUrl: string, folder: string) {
  const child = spawn(process.execPath, [program, baseUrl, folder, String(COUNT)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let text = "";
  child.stdout.on("data", (part) => {
    text += part;
  });
  const ended = new Promise<{ signal: NodeJS.Signals | null; text: string }>((resolve) => {
    child.on("close", (_, signal) => resolve({ signal, text }));
  });
  return { child, ended };
}

const answers = (folder: string) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".json"))
    .sort()
    .map((name) => ({ name, text: readFileSync(path.join(folder, name), "utf8") }));

const postOf = (content: string) => Number(/post (\d+)/.exec(content)?.[1]);
const react = ({ content }: Received): Reaction => `Preferred: ${postOf(content) % 3 === 0 ? "A" : "B"}`;

describe("judging that is killed", () => {
  test("goes on where it was, repeats no answered request and ends with the same bytes", async () => {
    const program = childProgram();
    const [whole, parts] = [temporaryFolder("whole"), temporaryFolder("parts")];
    let silent = false;
    let answered = 0;
    const server = await chatServer((request) => (silent && ++answered > 6 ? "stay silent" : react(request)));
    const expected = await start(program, server.baseUrl, whole).ended;
    expect(expected.signal).toBeNull();
    expect(answers(whole)).toHaveLength(COUNT);

    silent = true;
    const { child, ended } = start(program, server.baseUrl, parts);
    await expect.poll(() => answers(parts).length, { timeout: 20_000 }).toBe(6);
    child.kill("SIGKILL");
    expect((await ended).signal).toBe("SIGKILL");
    const kept = answers(parts);
    expect(kept).toHaveLength(6);

    silent = false;
    expect(await start(program, server.baseUrl, parts).ended).toEqual(expected);
    expect(answers(parts)).toEqual(answers(whole));
    for (const { text } of kept) {
      const { message } = JSON.parse(text).request;
      // Once for the whole run and once for the one in parts.
      expect(server.received.filter(({ content }) => content === message)).toHaveLength(2);
    }
    const { winRate, decided, firstWins }: JudgedWinRate = JSON.parse(expected.text);
    expect(decided).toBe(COUNT);
    expect(winRate.mean).toBeGreaterThan(0);
    expect(firstWins).toMatchObject({ mean: 6 / 16 });
  });
});
