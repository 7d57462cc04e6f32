import { expect, test } from "vitest";
import { CheckerLost } from "../../kernel/session/checker.ts";
import type { LanguageServer } from "../../kernel/session/language-server.ts";
import { openProgram } from "../../kernel/session/program.ts";
import { readCell } from "../../kernel/session/parse-cell.ts";

const project = { file: undefined, config: {} };
const shelf = { folder: "/shelf", size: 4 };
const open = (start: () => LanguageServer, size = shelf.size) =>
  openProgram(start, "/folder", project, { ...shelf, size });

/** A checker that ends at its nth request, for good; any other is answered by nothing. */
function mortal(requests: number, said: string[] = []): LanguageServer {
  let left = requests;
  return {
    async request(method, params) {
      left -= 1;
      if (left < 0) throw new Error("It has ended.");
      said.push(`${method} ${JSON.stringify(params)}`);
      return {};
    },
    notify(method, params) {
      said.push(`${method} ${JSON.stringify(params)}`);
    },
    alive: () => left >= 0,
    end() {},
  };
}

test("a checker that keeps ending is given up after three times", async () => {
  let started = 0;
  const program = open(() => {
    started += 1;
    return mortal(0);
  });
  await expect(program.check(readCell("1"))).rejects.toThrow("It has ended");
  program.commit(readCell("const a = 1"));
  await expect(program.check(readCell("2"))).rejects.toThrow(CheckerLost);
  await expect(program.check(readCell("3"))).rejects.toThrow("ended 3 times in a row");
  expect(started).toBe(3);
});

test("one that cannot be started is not tried again, and says why", async () => {
  let tried = 0;
  const program = open(() => {
    tried += 1;
    throw new Error("No compiler.");
  });
  await expect(program.check(readCell("1"))).rejects.toThrow("No compiler.");
  await expect(program.hover("1", { line: 0, character: 0 })).rejects.toThrow(CheckerLost);
  expect(tried).toBe(1);
});

test("a new checker is told of the cells that ran, and one that answers is forgiven what went before", async () => {
  const said: string[][] = [];
  const program = open(() => {
    said.push([]);
    return mortal(1, said.at(-1));
  });
  for (let count = 1; count <= 6; count++) {
    expect(await program.check(readCell(`name + ${count}`))).toEqual([]);
    program.commit(readCell(`const name${count} = ${count}`));
  }
  expect(said).toHaveLength(6);
  const opened = said[5]!.filter((line) => /didOpen.*const name\d/.test(line));
  expect(opened.map((line) => /\/(\w+)\/__cell_\d__/.exec(line)![1])).toEqual([
    ...Array(4).fill("shelf"),
    "folder",
  ]);
});

/** A checker that finds nothing wrong, and the texts that it was asked about. */
function asked(size?: number) {
  const texts = new Map<string, string>();
  const questions: string[] = [];
  const program = open(
    () => ({
      async request(method, { textDocument }: { textDocument: { uri: string } }) {
        if (method === "textDocument/diagnostic")
          questions.push(texts.get(textDocument.uri)!.split("\n")[1]!);
        return {};
      },
      notify(method, params) {
        const { textDocument, contentChanges } = params as {
          textDocument: { uri: string; text?: string };
          contentChanges?: { text: string }[];
        };
        if (/didOpen|didChange$/.test(method))
          texts.set(textDocument.uri, textDocument.text ?? contentChanges![0]!.text);
      },
      alive: () => true,
      end() {},
    }),
    size,
  );
  const run = async (source: string, next: string[] = []) => {
    await program.check(readCell(source), () => next.map(readCell));
    program.commit(readCell(source));
    await new Promise((done) => setTimeout(done, 3));
  };
  return { program, questions, run, texts };
}

test("cells that wait are checked along with the one before them, if they run after what was foreseen", async () => {
  const { questions, run } = asked();
  await run("let a = 1", ["let b = a", "b = 2", "import 'x'", "let c = b"]);
  expect(questions).toEqual(["let a = 1", "let b = a", "b = 2"]);
  for (const source of ["let b = a", "b = 2"]) await run(source);
  expect(questions).toHaveLength(3);
  // Another declares what was to come from the first.
  await run("let a = ''", ["let d = b + a"]);
  await run("class a {}");
  await run("let d = b + a");
  expect(questions.slice(3)).toEqual(["let a = ''", "let d = b + a", "class a {}", "let d = b + a"]);
});

test("what was answered is not asked again until something changes on which it may depend", async () => {
  const { program, questions, run } = asked();
  await run("1 + 1");
  await run("1 + 1");
  expect(questions).toHaveLength(1);
  program.filesChanged([{ path: "/folder/a.ts", type: "changed" }]);
  await run("1 + 1");
  expect(questions).toHaveLength(2);
  await run("declare global { var a: 1 }");
  await run("1 + 1");
  expect(questions).toHaveLength(4);
});

test("what no name leads to any more is taken from the checker", async () => {
  const { run, texts } = asked();
  await run("declare global { var a: 1 }");
  await run("declare global { var a: 2 }");
  await run("1");
  expect([...texts.values()].filter((text) => text.includes("var a"))).toHaveLength(1);
});

test("no more of the shelf is read than may be needed next", async () => {
  const { run, texts } = asked(150);
  const read = () => texts.get("file:///shelf/__cells__.ts")!.match(/export \* as c/g)!.length;
  const counts: number[] = [];
  for (let count = 1; count <= 120; count++) {
    await run(`let name${count} = ${count}`);
    if (count % 50 === 1) counts.push(read());
  }
  expect(counts).toEqual([64, 128, 150]);
});
