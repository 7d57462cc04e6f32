import { describe, expect, it } from "vitest";
import { designs, plansOf } from "../../src/experiments/programme.ts";
import { armsOf, readRegistration } from "../../src/experiments/registrations.ts";

const registered = Object.keys(designs).filter((id) => id !== "01-main-comparison");

describe.each(registered)("the registration of %s", (id) => {
  const { arms, hypotheses } = readRegistration(id);
  const [plan] = plansOf(id, "smoke").values();
  const { bestArms, verifiers, bestVerifiers, followingVerifiers } = plan!;
  const there = [plan!.arms, bestArms, verifiers, bestVerifiers, followingVerifiers].flatMap((group) =>
    Object.keys(group ?? {}),
  );

  it("is about arms and verifiers that the plan has", () => {
    const named = hypotheses.flatMap(({ estimates, needs }) => [...estimates, ...needs].flatMap(armsOf));
    expect(there).toEqual(expect.arrayContaining([...named, ...Object.keys(arms)]));
  });
});
