import { describe, expect, it } from "vitest";
import { normalCriticalValue, studentCriticalValue } from "../../src/evaluation/distributions.ts";
import { reference } from "./reference.ts";

describe("critical values", () => {
  it.each(reference.criticalValues.normal)("equal scipy's for the normal at %f", (confidence, value) => {
    expect(normalCriticalValue(confidence) / value).toBeCloseTo(1, 11);
  });

  it("equal scipy's for Student's t, of few degrees of freedom and many", () => {
    for (const [confidence, degrees, value] of reference.criticalValues.student) {
      expect(studentCriticalValue(confidence, degrees) / value, `t(${degrees})`).toBeCloseTo(1, 10);
    }
  });

  it("say which option is at fault", () => {
    expect(() => normalCriticalValue(95)).toThrow(
      "confidence must lie between 0 and 1, for example 0.95, not 95.",
    );
    expect(() => studentCriticalValue(0.95, 0)).toThrow("degrees must be a whole number from 1, not 0.");
  });
});
