import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { writeIndex } from "../../../kernel/headless/index-page.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { temporaryFolder } from "../../temporary.ts";
import { parseElements } from "../pages/html-elements.mjs";
import { code, writeNotebook } from "../pages/notebooks.ts";

const introduction = { heading: "Heading", abstract: "Abstract." };
const committed = { date: "2026-02-01", name: "abc1234" };

/** The elements of the pages of executed notebooks with this metadata, by name; the index is one of them. */
function pagesOf(metadata: Readonly<Record<string, object>>) {
  const folder = temporaryFolder("provenance");
  for (const [name, run] of Object.entries(metadata)) writeNotebook(folder, name, [], run);
  writeIndex(folder, introduction, { reports: true });
  return (name: string) => {
    const elements = parseElements(readFileSync(path.join(folder, `${name}.html`), "utf8"));
    const texts = (wanted: string) =>
      elements
        .filter(({ attributes }) => attributes.class === wanted)
        .map(({ text = "" }) => text.replace(/\s+/g, " ").trim());
    return { elements, facts: texts("facts"), banners: texts("banner") };
  };
}

describe.skipIf(!existsSync(paths.python))("a report of committed results", () => {
  test("has the days of the runs and of the commit, and nowhere the day on which it was made", () => {
    const page = pagesOf({
      "01-a": {
        runs: { first: "2026-01-10", last: "2026-01-12" },
        committed,
        started: "2026-05-06T07:08:09+00:00",
      },
      "02-b": {
        runs: { first: "2026-01-11", last: "2026-01-11" },
        committed,
        started: "2026-05-06T07:08:09+00:00",
      },
    });
    expect(page("01-a").facts[1]).toBe(
      "Runs of 2026-01-10 to 2026-01-12 · committed on 2026-02-01 (abc1234) · preset smoke",
    );
    expect(page("02-b").facts[1]).toMatch(/^Runs of 2026-01-11 · committed/);
    const { facts } = page("index");
    expect(facts[0]).toBe(
      "2 reports · preset smoke · runs of 2026-01-10 to 2026-01-12 · committed on 2026-02-01 (abc1234)",
    );
    expect(facts.slice(1)).toEqual([
      "done · preset smoke · runs of 2026-01-10 to 2026-01-12 · committed on 2026-02-01 (abc1234)",
      "done · preset smoke · runs of 2026-01-11 · committed on 2026-02-01 (abc1234)",
    ]);
    for (const name of ["01-a", "02-b", "index"])
      for (const { text = "" } of page(name).elements) expect(text).not.toContain("2026-05-06");
  });

  test("has the day on which it ran if it shows no runs", () => {
    const page = pagesOf({ "01-a": { committed, started: "2026-05-06T07:08:09+00:00" } });
    expect(page("01-a").facts[1]).toBe("Run on 2026-05-06 · preset smoke");
    expect(page("index").facts[0]).toContain("last run on 2026-05-06");
  });

  test("passes over dates and commits that are none, and shows no markup", () => {
    const markup = "<b class=injected>";
    const damaged = [
      [{ first: markup, last: markup }, committed],
      [{ first: "2026-01-10" }, committed],
      ["2026-01-10", committed],
      [
        { first: "2026-01-10", last: "2026-01-12" },
        { date: markup, name: markup },
      ],
      [
        { first: "2026-01-10", last: "2026-01-12" },
        { date: "2026-02-01", name: markup },
      ],
    ].map(([runs, commit], at) => [`0${at}-a`, { runs, committed: commit, banner: markup }] as const);
    const page = pagesOf(Object.fromEntries(damaged));
    for (const name of [...damaged.map(([name]) => name), "index"]) {
      expect(page(name).elements.filter(({ attributes }) => attributes.class === "injected")).toEqual([]);
      expect(page(name).banners).toEqual([markup]);
    }
  });
});

test.skipIf(!existsSync(paths.python))("a banner stands on top of its page and of the index, once", () => {
  const banner = "Smoke: these numbers mean nothing.";
  const page = pagesOf({ "01-a": { banner }, "02-b": { banner }, "03-c": { banner: null } });
  expect(page("01-a").banners).toEqual([banner]);
  expect(page("03-c").banners).toEqual([]);
  expect(page("index").banners).toEqual([banner]);
  const { elements } = page("01-a");
  const at = (wanted: (one: (typeof elements)[number]) => boolean) => elements.findIndex(wanted);
  expect(at(({ attributes }) => attributes.class === "banner")).toBeLessThan(at(({ name }) => name === "h1"));
});

test.skipIf(!existsSync(paths.python))(
  "the days of a notebook's runs are the first and last of its displays",
  async () => {
    const dates = (first: unknown, last: unknown) => ({
      [Symbol.for("Jupyter.display")]: () => ({
        "text/plain": "x",
        "application/vnd.allroads.run-dates+json": { first, last },
      }),
    });
    const displays = [
      dates("2026-01-03", "2026-01-04"),
      dates("2026-01-02", "2026-01-03"),
      dates(1, "2020-01-01"),
      "x",
    ];
    const folder = temporaryFolder("displays");
    writeFileSync(
      path.join(folder, "a.ipynb"),
      JSON.stringify({ nbformat: 4, nbformat_minor: 4, metadata: {}, cells: [await code("1", displays)] }),
    );
    const script = `
import json, sys
sys.path.insert(0, sys.argv[1])
import nbformat
from provenance import run_dates
print(json.dumps(run_dates(nbformat.read(sys.argv[2], 4))))`;
    const args = ["-c", script, path.join(paths.root, "kernel", "headless"), path.join(folder, "a.ipynb")];
    const run = spawnSync(paths.python, args, { encoding: "utf8" });
    expect(JSON.parse(run.stdout), run.stderr).toEqual({ first: "2026-01-02", last: "2026-01-04" });
  },
);
