import { expect, test } from "vitest";
import { claims } from "../../../src/experiments/verdicts/claims.ts";
import { readRegistration } from "../../../src/verdicts/read-registration.ts";
import { primaryRegistrations } from "../../chapters.ts";

test("the claims are the primary hypotheses, each with a control that is registered beside it", () => {
  for (const { registration, hypothesis, control } of claims) {
    const { hypotheses } = readRegistration(registration);
    expect(hypotheses.find(({ id }) => id === hypothesis)?.primary).toBe(true);
    expect(hypotheses.map(({ id }) => id)).toContain(control);
  }
  expect(claims.map(({ registration }) => registration)).toEqual(primaryRegistrations);
});
