import { expect, test } from "vitest";
import { type CsvRow, csvRows } from "../../src/text/csv.ts";

async function rows(text: string, delimiter = ","): Promise<CsvRow[]> {
  async function* pieces() {
    for (const character of text) yield character;
  }
  const found: CsvRow[] = [];
  for await (const row of csvRows(pieces(), delimiter)) found.push(row);
  return found;
}

test("gives rows with their lines, quoted cells and line breaks within them", async () => {
  const text = '\uFEFFid,prompt,completion,label\r\n1,"A ""post"", so\nlong", c,true\r\n\r\n2,P,é😀,\r\n';
  expect(await rows(text)).toEqual([
    { line: 2, value: { prompt: 'A "post", so\nlong', completion: " c", label: "true" } },
    { line: 4, value: { prompt: "P", completion: "é😀" } },
  ]);
  expect(await rows("prompt\tcompletion\nP, Q\tc", "\t")).toEqual([
    { line: 2, value: { prompt: "P, Q", completion: "c" } },
  ]);
});

test("reads cells that hold JSON lists and objects", async () => {
  const text = `messages,summaries,choice,prompt\n"[{""role"": ""user""}]","[{""text"": ""a""}]",1,[sic] text\n`;
  expect(await rows(text)).toEqual([
    {
      line: 2,
      value: { messages: [{ role: "user" }], summaries: [{ text: "a" }], choice: 1, prompt: "[sic] text" },
    },
  ]);
});

test("reports rows with too few or too many cells, and broken quotes, at their lines", async () => {
  const text = 'prompt,completion\nP\nP,c,d\nP,c\nP,"c" d\n';
  const found = await rows(text);
  expect(found.map(({ line, problem }) => [line, problem?.replace(/\(.*\)/, "()")])).toEqual([
    [2, "has 1 cells, and the first line names 2 columns; mend it."],
    [3, "has 3 cells, and the first line names 2 columns; mend it."],
    [4, undefined],
    [5, "not valid CSV (); mend its quotes, within which rows below may be."],
  ]);
});
