import { expect, test } from "vitest";
import { hypothesisTable } from "../../../src/experiments/verdicts/hypothesis-table.ts";
import { display } from "../../../src/report/display.ts";
import { handMadeChapter } from "../../chapters.ts";
import { parseElements } from "../../kernel/pages/html-elements.mjs";

const online = (id: string) => (id.startsWith("online") ? 0.6 : 0.5);
const chapters = [
  handMadeChapter("01-best-epochs", 20, online),
  handMadeChapter("05-more-prompts", 20, online),
];
const elements = parseElements(String(hypothesisTable(chapters)[display]()["text/html"]));
const all = (name: string) => elements.filter((element) => element.name === name);

test("has a row for every hypothesis, in a group for each notebook that is named by its question", () => {
  const count = chapters.reduce((sum, { findings }) => sum + findings.length, 0);
  expect(all("tr")).toHaveLength(1 + chapters.length + count);
  expect(all("a").map(({ text }) => text)).toEqual([
    "01 Does online preference fine-tuning beat offline?",
    "05 Is online fine-tuning only easier to optimise?",
  ]);
});

test("a row says which filters keep it", () => {
  const classes = all("tr").map(({ attributes }) => attributes.class ?? "");
  expect(classes.filter((one) => one.includes("primary"))).toHaveLength(2);
  expect(classes[2]).toBe("for primary");
  const filters = all("input").map(({ attributes }) => attributes.value);
  expect(filters).toEqual(["all", "for", "against", "undecided", "primary"]);
});

test("shows p-values with verdicts only", () => {
  const cells = (seeds: number) => {
    const table = hypothesisTable([handMadeChapter("01-best-epochs", seeds, online)])[display]();
    return parseElements(String(table["text/html"])).filter(({ name }) => name === "td");
  };
  expect(cells(20)[2]?.text).toMatch(/^Supported, for the paper, p\s<\s\.001$/);
  expect(cells(2)[2]?.text).toBe("No verdict yet");
});
