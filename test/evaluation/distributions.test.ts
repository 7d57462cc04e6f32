import { describe, expect, test } from "vitest";
import { normalCriticalValue, studentCriticalValue } from "../../src/evaluation/distributions.ts";
import { reference } from "./reference.ts";

describe("critical values", () => {
  test.each(reference.criticalValues.normal)(
    "equal scipy's for the normal distribution at confidence %f",
    (confidence, value) => {
      expect(normalCriticalValue(confidence) / value).toBeCloseTo(1, 11);
    },
  );

  test("equal scipy's for Student's t with 1 to 1000 degrees of freedom", () => {
    for (const [confidence, degrees, value] of reference.criticalValues.student) {
      expect(studentCriticalValue(confidence, degrees) / value, `t(${degrees})`).toBeCloseTo(1, 10);
    }
  });

  test("throw on an invalid option and name it", () => {
    expect(() => normalCriticalValue(95)).toThrow(
      "confidence must lie between 0 and 1, for example 0.95, not 95.",
    );
    expect(() => studentCriticalValue(0.95, 0)).toThrow(
      "degrees must be a whole number of at least 1, not 0.",
    );
  });
});
