import { expect, test } from "vitest";
import { judgedClaims } from "../../../src/experiments/verdicts/claims.ts";
import { leaning } from "../../../src/experiments/verdicts/sides.ts";
import { handMadeChapter } from "../../chapters.ts";

test("while seeds are missing a finding leans to the side of its estimate, and then takes the side of its verdict", () => {
  const side = (seeds: number, rateOf: (id: string) => number) =>
    judgedClaims([handMadeChapter("01-best-epochs", seeds, rateOf)]).map(({ finding }) => leaning(finding));
  const online = (id: string) => (id.startsWith("online") ? 0.6 : 0.5);
  const offline = (id: string) => (id.startsWith("online") ? 0.4 : 0.5);
  expect(side(2, online)).toEqual(["for"]);
  expect(side(2, offline)).toEqual(["against"]);
  expect(side(20, online)).toEqual(["for"]);
  expect(side(20, () => 0.5)).toEqual(["undecided"]);
});
