import { expect, test } from "vitest";
import { frontPage, frontPageHtml, frontPageMarkdown } from "../../../src/experiments/verdicts/front-page.ts";
import { display } from "../../../src/report/display.ts";
import { handMadeChapter, primaryRegistrations } from "../../chapters.ts";

/** Online arms win ten points more often than offline ones, labels of the policy's own class half of it. */
const rateOf = (id: string) =>
  !id.startsWith("online") ? 0.4 : id.includes("local RM") ? 0.45 : id.includes("own labels") ? 0.4 : 0.5;
const chapters = (seeds: number) => primaryRegistrations.map((id) => handMadeChapter(id, seeds, rateOf));

test("the front page has three rows of result and four sentences, with what speaks against the paper", () => {
  const { rows, sentences, scale } = frontPage(chapters(20));
  expect(rows.map(({ epochs }) => epochs)).toEqual(["one epoch each", "two epochs each", "best epoch each"]);
  expect(rows[2]?.fromSft).toMatch(/^\+(9|10)\.\d \[\+.*\]$/);
  expect(sentences).toHaveLength(4);
  expect(sentences[0]).toMatch(/best number of epochs: \+(9|10)\.\d .*, supported\.$/);
  expect(sentences[2]).toMatch(
    /^The data speak against .*\. Of \d+ secondary hypotheses \d+ speak for it, \d+ are undecided, and \d+ against it: .*H/,
  );
  expect(sentences[3]).toMatch(
    /own class, online less offline is \+[45]\.\d .*(within 3); .*labels add \+[45]\.\d .*, supported\.$/,
  );
  expect(scale).toContain("67 thousand parameters");
});

test("while seeds are missing the front page says how many were run, and no verdict", () => {
  const { sentences } = frontPage(chapters(3));
  expect(sentences[0]).toContain("There is no verdict on any hypothesis yet: 3 of 20 seeds have been run.");
  expect(sentences[2]).toMatch(/^So far the data lean against/);
  expect(sentences[2]).not.toContain("secondary");
  expect(sentences.join()).not.toMatch(/supported|refuted/);
});

test("the front page needs the main claim and H1 to H6", () => {
  expect(() => frontPage(chapters(3).slice(1))).toThrow("There are no results of main");
  expect(() => frontPage(chapters(3).slice(0, 6))).toThrow("There are no results of H6");
});

test("Markdown and HTML have the same sentences", async () => {
  const page = frontPage(chapters(3));
  const markdown = frontPageMarkdown(page, { path: "figure.svg", text: "A figure" });
  expect(markdown).toContain("![A figure](figure.svg)");
  expect(markdown.match(/^- /gm)).toHaveLength(4);
  const shown = (await frontPageHtml(page))[display]();
  expect(shown["text/html"]).toMatch(/<svg .*<table>/s);
  for (const sentence of page.sentences) expect(shown["text/plain"]).toContain(sentence);
});
