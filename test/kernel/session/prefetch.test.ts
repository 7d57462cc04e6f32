import { expect, test } from "vitest";
import { emptyDocuments } from "../../../kernel/session/documents.ts";
import { parseCell } from "../../../kernel/session/parse-cell.ts";
import { openPrefetch } from "../../../kernel/session/prefetch.ts";

const queueOf = (...sources: string[]) => sources.map((source) => parseCell(source));

/** The sources of the cells of a queue that have yet to be checked, up to one that imports something. */
function nextOf(prefetch: ReturnType<typeof openPrefetch>, ...sources: string[]): string[] {
  const canPrefetch = ({ source }: { source: string }) => !source.includes("import");
  return [...prefetch.next(queueOf(...sources), canPrefetch)].map(([{ source }]) => source);
}

test("the cells of a queue are given once, up to one that cannot be checked ahead of time", () => {
  const prefetch = openPrefetch();
  prefetch.restart(emptyDocuments());
  expect(nextOf(prefetch, "1", "2", "import 'x'", "3")).toEqual(["1", "2"]);
  expect(nextOf(prefetch, "1", "2", "4")).toEqual(["4"]);
  prefetch.advance(parseCell("2"));
  expect(nextOf(prefetch, "4", "5")).toEqual(["5"]);
  prefetch.advance(parseCell("not queued"));
  expect(nextOf(prefetch, "4", "5", "6")).toEqual(["6"]);
});

test("a queue with other cells than those checked so far is not continued", () => {
  const prefetch = openPrefetch();
  prefetch.restart(emptyDocuments());
  expect(nextOf(prefetch, "1", "2")).toEqual(["1", "2"]);
  expect(nextOf(prefetch, "1", "other", "3")).toEqual([]);
  expect(prefetch.isEmpty()).toBe(false);
  prefetch.restart(emptyDocuments());
  expect(prefetch.isEmpty()).toBe(true);
  expect(nextOf(prefetch, "1", "other", "3")).toEqual(["1", "other", "3"]);
});

test("at most 32 cells are checked ahead of time", () => {
  const prefetch = openPrefetch();
  prefetch.restart(emptyDocuments());
  const many = Array.from({ length: 100 }, (_, index) => String(index));
  expect(nextOf(prefetch, ...many)).toHaveLength(32);
  expect(nextOf(prefetch, ...many)).toEqual([]);
});
