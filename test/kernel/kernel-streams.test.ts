import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type CellRun, type KernelClient, startKernel } from "./kernel-client.ts";

let folder = "";
let kernel: KernelClient;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "streams-"));
  kernel = await startKernel(folder, { ALLROADS_KERNEL_CHECK: "off" });
  await kernel.run(`
    import childProcess, { spawn, spawnSync, execSync, execFileSync, fork } from "node:child_process";
    import fs from "node:fs";
    import { createInterface } from "node:readline/promises";
    const ended = (child) => new Promise((done) => child.on("close", done));`);
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true });
});

const printed = ({ messages }: CellRun, stream: string) =>
  messages
    .map(({ type, content }) => (type === "stream" && content.name === stream ? content.text : ""))
    .join("");

describe.skipIf(process.platform === "win32")(
  "the output of child processes that inherit the streams",
  () => {
    test.each([
      ["execSync", "execSync('echo out; echo err >&2', { stdio: 'inherit' })"],
      [
        "execFileSync",
        "execFileSync('sh', ['-c', 'echo out; echo err >&2'], { stdio: ['ignore', 'inherit', 'inherit'] })",
      ],
      ["spawnSync", "spawnSync('echo out; echo err >&2', { shell: true, stdio: [0, 1, process.stderr] })"],
      ["spawn", "await ended(spawn('echo out; echo err >&2', { shell: true, stdio: 'inherit' }))"],
      ["a property of the module", "childProcess.execSync('echo out; echo err >&2', { stdio: 'inherit' })"],
      [
        "a pipeline of its own",
        "await ended(spawn('sh', ['-c', '(echo out; echo err >&2) | cat'], { stdio: ['ignore', process.stdout, 2] }))",
      ],
    ])("is shown: %s", async (_, code) => {
      const cell = await kernel.run(`${code}; 0`);
      expect(cell.reply.status).toBe("ok");
      expect([printed(cell, "stdout"), printed(cell, "stderr")]).toEqual(["out\n", "err\n"]);
    });

    test("is shown whole, also if there is much of it", async () => {
      const cell = await kernel.run("spawnSync('seq', ['200000'], { stdio: 'inherit' }).status");
      expect(cell.printed).toBe(`${Array.from({ length: 200_000 }, (_, index) => index + 1).join("\n")}\n`);
      expect(cell.result).toBe("0");
    });

    test("is shown while the cell waits for it, and has the cell that started them as parent", async () => {
      const early = kernel.published(({ content }) => content.text === "early\n");
      const late = kernel.published(({ content }) => content.text === "late\n");
      const stopped = kernel.run(`
      spawn("sleep 0.4; echo late", { shell: true, stdio: "inherit" });
      execSync("echo early; sleep 60", { stdio: "inherit" });`);
      const { parent_header: parent } = await early;
      // A shell loses an interrupt that it gets just when it starts a program.
      await new Promise((done) => setTimeout(done, 100));
      await kernel.ask("control", "interrupt_request");
      expect((await stopped).reply.ename).toBe("Interrupted");
      const background = kernel.run("spawn('sleep 0.2; echo late', { shell: true, stdio: 'inherit' }); 0");
      const input = await kernel.published(({ header }) => header.msg_type === "execute_input");
      await background;
      await kernel.run("1");
      expect((await late).parent_header.msg_id).toBe(input.parent_header.msg_id);
      expect(parent.msg_id).not.toBe(input.parent_header.msg_id);
    });

    test("leaves results, errors and messages of the processes as they are", async () => {
      writeFileSync(join(folder, "child.cjs"), "console.log('in child'); process.send({ answer: 42 });");
      const { result, printed: text } = await kernel.run(`
      const child = fork("./child.cjs");
      let message;
      child.on("message", (value) => { message = value; });
      await ended(child);
      const failed = spawnSync("exit 3", { shell: true, stdio: "inherit" });
      [message.answer, child.stdout, failed.status, failed.stdout, String(execSync("echo kept"))]`);
      expect(text).toBe("in child\n");
      expect(result).toBe("[ 42, null, 3, null, 'kept\\n' ]");
    });
  },
);

describe("standard output", () => {
  test("decodes characters that arrive in parts", async () => {
    const { printed: text } = await kernel.run(`
      const script = "process.stdout.write('€'.repeat(400000))";
      const euros = spawn(process.execPath, ["-e", script]);
      euros.stdout.pipe(process.stdout);
      await ended(euros);`);
    expect(text).toBe("€".repeat(400_000));
  });

  test.each([
    ["process.stdout.write('68690a', 'hex')", "hi\n"],
    ["process.stdout.write('aGkK', 'base64', () => {})", "hi\n"],
    ["process.stdout.write('hi\\n', 'utf8')", "hi\n"],
    ["process.stdout.write(new Uint8Array([0xe2])); process.stdout.write(Buffer.from([0x82, 0xac]))", "€"],
    ["fs.writeSync(1, 'hi')", "hi"],
    ["fs.writeSync(1, 'aGk=', null, 'base64')", "hi"],
    ["fs.writeSync(1, Buffer.from('ohio'), 1, 2)", "hi"],
    ["fs.writeSync(1, Buffer.from('ohio'), { offset: 1, length: 2 })", "hi"],
    ["fs.writevSync(1, [Buffer.from('h'), Buffer.from('i')])", "hi"],
    ["fs.writeFileSync(1, 'hi')", "hi"],
    ["fs.appendFileSync(1, new Uint8Array([104, 105]))", "hi"],
    [
      "await new Promise((done) => fs.write(1, 'hi', (error, count) => done(console.log(error, count))))",
      "hinull 2\n",
    ],
    [
      "await new Promise((done) => fs.createWriteStream('', { fd: 1, autoClose: false }).end('hi', done))",
      "hi",
    ],
  ])("shows what %s writes", async (code, text) => {
    expect((await kernel.run(`${code}; 0`)).printed).toBe(text);
  });

  test("is not that of files", async () => {
    const code = "fs.writeFileSync('f', 'a'); fs.appendFileSync('f', 'b'); const f = fs.openSync('f', 'a')";
    await kernel.run(`${code}; fs.writeSync(f, 'c'); fs.closeSync(f)`);
    expect((await kernel.run("fs.readFileSync('f', 'utf8')")).result).toBe("abc");
  });
});

test("promises are printed as in a program without async hooks, at any depth", async () => {
  const { printed, result } = await kernel.run(`
    const one = Promise.resolve(1); const own = Object.assign(Promise.resolve(2), { mine: 3 });
    console.log(one, [new Promise(() => {})]); console.log(own);
    console.log(Object.freeze(Promise.resolve(4)) instanceof Promise, Object.keys(one));
    await one; require("node:util").inspect({ one })`);
  expect(printed).toBe("Promise { 1 } [ Promise { <pending> } ]\nPromise { 2, mine: 3 }\ntrue []\n");
  expect(result).toBe("{ one: Promise { 1 } }");
});

describe("standard input", () => {
  test("asks the user for lines, in the cell that reads them", async () => {
    const asked: unknown[] = [];
    kernel.onInput((content) => {
      asked.push(content.prompt);
      return `line ${asked.length}`;
    });
    await kernel.run("const lines = createInterface({ input: process.stdin, output: process.stdout });");
    const answered = await kernel.run("const answer = await lines.question('name? '); answer");
    expect([answered.printed, answered.result]).toEqual(["name? ", "line 1"]);
    expect((await kernel.run("await lines.question('again? ')")).result).toBe("line 2");
    await kernel.run("lines.close()");
    const both = await kernel.run(
      "let seen = []; for await (const line of createInterface(process.stdin)) if (seen.push(line) === 2) break; seen",
    );
    expect(both.result).toBe("[ 'line 3', 'line 4' ]");
    expect(asked).toEqual(["", "", "", ""]);
  });

  test("is empty if the client does not support input", async () => {
    const { result } = await kernel.run(
      "let all = ''; for await (const chunk of process.stdin) all += chunk; all.length",
      {
        allow_stdin: false,
      },
    );
    expect(result).toBe("0");
    expect((await kernel.run("prompt('x', 'dflt')", { allow_stdin: false })).result).toBe("dflt");
  });
});
