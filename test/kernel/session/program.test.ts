import { expect, test } from "vitest";
import { CheckerUnavailable } from "../../../kernel/session/checker.ts";
import type { LanguageServer } from "../../../kernel/session/language-server.ts";
import { parseCell } from "../../../kernel/session/parse-cell.ts";
import { openProgram } from "../../../kernel/session/program.ts";

const project = { file: undefined, config: {} };
const openTestProgram = (startServer: () => LanguageServer, count = 4) =>
  openProgram(startServer, "/folder", project, { folder: "/placeholders", count });

/** A server that crashes after a number of requests. All messages are added to `log`. */
function crashingServer(requests: number, log: string[] = []): LanguageServer {
  let left = requests;
  return {
    async request(method, params) {
      left -= 1;
      if (left < 0) throw new Error("The server has crashed.");
      log.push(`${method} ${JSON.stringify(params)}`);
      return {};
    },
    notify(method, params) {
      log.push(`${method} ${JSON.stringify(params)}`);
    },
    alive: () => left >= 0,
    end() {},
  };
}

test("a checker that crashes three times in a row is not restarted", async () => {
  let starts = 0;
  const program = openTestProgram(() => {
    starts += 1;
    return crashingServer(0);
  });
  await expect(program.check(parseCell("1"))).rejects.toThrow("has crashed");
  program.commit(parseCell("const a = 1"));
  await expect(program.check(parseCell("2"))).rejects.toThrow(CheckerUnavailable);
  await expect(program.check(parseCell("3"))).rejects.toThrow("crashed 3 times in a row");
  expect(starts).toBe(3);
});

test("a checker that cannot be started is not started again", async () => {
  let starts = 0;
  const program = openTestProgram(() => {
    starts += 1;
    throw new Error("No compiler.");
  });
  await expect(program.check(parseCell("1"))).rejects.toThrow("No compiler.");
  await expect(program.hover("1", { line: 0, character: 0 })).rejects.toThrow(CheckerUnavailable);
  expect(starts).toBe(1);
});

test("a restarted checker gets the documents of all cells, and its answer resets the number of crashes", async () => {
  const logs: string[][] = [];
  const program = openTestProgram(() => {
    const log: string[] = [];
    logs.push(log);
    return crashingServer(1, log);
  });
  for (let count = 1; count <= 6; count++) {
    expect(await program.check(parseCell(`name + ${count}`))).toEqual([]);
    program.commit(parseCell(`const name${count} = ${count}`));
  }
  expect(logs).toHaveLength(6);
  const opened = logs.at(-1)?.filter((line) => /didOpen.*const name\d/.test(line));
  expect(opened?.map((line) => /\/(\w+)\/__cell_\d__/.exec(line)?.[1])).toEqual([
    ...Array(4).fill("placeholders"),
    "folder",
  ]);
});

/** Runs cells with a server that finds no errors. Records the open documents and the sources of the checked cells. */
function recordingProgram(count?: number) {
  const texts = new Map<string, string>();
  const checked: (string | undefined)[] = [];
  const program = openTestProgram(
    () => ({
      async request(method, { textDocument }: { textDocument: { uri: string } }) {
        if (method === "textDocument/diagnostic")
          checked.push(texts.get(textDocument.uri)?.split("\n").at(1));
        return {};
      },
      notify(method, params) {
        const { textDocument, contentChanges } = params as {
          textDocument: { uri: string; text: string };
          contentChanges: [{ text: string }];
        };
        if (/didOpen$/.test(method)) texts.set(textDocument.uri, textDocument.text);
        if (/didChange$/.test(method)) texts.set(textDocument.uri, contentChanges[0].text);
      },
      alive: () => true,
      end() {},
    }),
    count,
  );
  const run = async (source: string, queued: string[] = []) => {
    await program.check(parseCell(source), () => queued.map((each) => parseCell(each)));
    program.commit(parseCell(source));
    // Prefetching starts after a short delay.
    await new Promise((resolve) => setTimeout(resolve, 3));
  };
  return { program, checked, run, texts };
}

test("queued cells are checked ahead of time, and again if other cells run before them", async () => {
  const { checked, run } = recordingProgram();
  await run("let a = 1", ["let b = a", "b = 2", "import 'x'", "let c = b"]);
  expect(checked).toEqual(["let a = 1", "let b = a", "b = 2"]);
  for (const source of ["let b = a", "b = 2"]) await run(source);
  expect(checked).toHaveLength(3);
  // `class a` replaces the variable that the queued cell was checked with.
  await run("let a = ''", ["let d = b + a"]);
  await run("class a {}");
  await run("let d = b + a");
  expect(checked.slice(3)).toEqual(["let a = ''", "let d = b + a", "class a {}", "let d = b + a"]);
});

test("diagnostics are cached until a file changes or a cell declares globals", async () => {
  const { program, checked, run } = recordingProgram();
  await run("1 + 1");
  await run("1 + 1");
  expect(checked).toHaveLength(1);
  program.filesChanged([{ path: "/folder/a.ts", type: "changed" }]);
  await run("1 + 1");
  expect(checked).toHaveLength(2);
  await run("declare global { var a: 1 }");
  await run("1 + 1");
  expect(checked).toHaveLength(4);
});

test("documents that are no longer reachable are emptied in the checker", async () => {
  const { run, texts } = recordingProgram();
  await run("declare global { var a: 1 }");
  await run("declare global { var a: 2 }");
  await run("1");
  expect([...texts.values()].filter((text) => text.includes("var a"))).toHaveLength(1);
});

test("the cell index has few placeholders at first, and grows before all are used", async () => {
  const { run, texts } = recordingProgram(150);
  const indexedCount = () => texts.get("file:///placeholders/__cells__.ts")?.match(/export \* as c/g)?.length;
  const counts: (number | undefined)[] = [];
  for (let count = 1; count <= 120; count++) {
    await run(`let name${count} = ${count}`);
    if ([1, 6, 7, 51, 120].includes(count)) counts.push(indexedCount());
  }
  expect(counts).toEqual([8, 8, 16, 128, 150]);
});
