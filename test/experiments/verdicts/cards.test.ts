import { expect, test } from "vitest";
import { claimCards } from "../../../src/experiments/verdicts/cards.ts";
import { display } from "../../../src/report/display.ts";
import { handMadeChapter, primaryRegistrations } from "../../chapters.ts";
import { parseElements } from "../../kernel/pages/html-elements.mjs";

test("each claim has a card that leads to its notebook, with the paper's numbers, ours, and a control", () => {
  const chapters = primaryRegistrations.map((id) => handMadeChapter(id, 3));
  const elements = parseElements(String(claimCards(chapters)[display]()["text/html"]));
  const links = elements.filter(({ name }) => name === "a").map(({ attributes }) => attributes.href);
  expect(links).toHaveLength(7);
  expect(links[0]).toBe("01-main-comparison.ipynb");
  const terms = elements.filter(({ name }) => name === "dt").map(({ text }) => text);
  expect(terms.slice(0, 4)).toEqual(["Paper", "Tested", "Here", "Control"]);
  const [first] = elements.filter(({ name }) => name === "dd").map(({ text }) => text);
  expect(first).toContain("Online DPO (SFT) 56.1");
});
