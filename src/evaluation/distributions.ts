import { checkConfidence, checkWhole } from "./checks.ts";

/** The z with P(|Z| <= z) = `confidence` for a standard normal Z: 1.96 at 0.95. */
export function normalCriticalValue(confidence: number): number {
  checkConfidence(confidence);
  return criticalValue(normalCentralMass, confidence);
}

/** The t with P(|T| <= t) = `confidence` for Student's T with `degrees` (1, 2, …) degrees of freedom. */
export function studentCriticalValue(confidence: number, degrees: number): number {
  checkConfidence(confidence);
  checkWhole("degrees", degrees, 1);
  return criticalValue((t) => studentCentralMass(t, degrees), confidence);
}

/** P(Z <= z) for a standard normal Z. */
export function normalBelow(z: number): number {
  if (Math.abs(z) > CERTAIN) return Number(z > 0);
  return (1 + Math.sign(z) * normalCentralMass(Math.abs(z))) / 2;
}

/** P(T > t) for Student's T with `degrees` (1, 2, …) degrees of freedom. The error is below 1e-15. */
export function studentAbove(t: number, degrees: number): number {
  checkWhole("degrees", degrees, 1);
  const mass = Math.sign(t) * studentCentralMass(Math.abs(t), degrees);
  return Math.min(1, Math.max(0, (1 - mass) / 2));
}

/** A standard normal lies beyond this with a probability below 1e-18. */
const CERTAIN = 9;

/** P(|Z| <= z) by the series 2 phi(z) (z + z^3/3 + z^5/(3·5) + …) (Abramowitz and Stegun 26.2.11). */
function normalCentralMass(z: number): number {
  let term = z;
  let sum = z;
  for (let k = 3; term > sum * Number.EPSILON; k += 2) {
    term *= (z * z) / k;
    sum += term;
  }
  return Math.sqrt(2 / Math.PI) * Math.exp((-z * z) / 2) * sum;
}

/** P(|T| <= t) by the finite sums in theta = atan(t / sqrt(degrees)) (Abramowitz and Stegun 26.7.3, 26.7.4). */
function studentCentralMass(t: number, degrees: number): number {
  const theta = Math.atan(t / Math.sqrt(degrees));
  const cosine = Math.cos(theta);
  const odd = degrees % 2 === 1;
  let term = odd ? cosine : 1;
  let sum = 0;
  for (let k = odd ? 3 : 2; k <= degrees; k += 2) {
    sum += term;
    term *= (cosine * cosine * (k - 1)) / k;
  }
  const mass = sum * Math.sin(theta);
  return odd ? (2 / Math.PI) * (theta + mass) : mass;
}

/** Solves `mass(x) = confidence` for an increasing `mass` on [0, ∞), by bisection to the last bit. */
function criticalValue(mass: (x: number) => number, confidence: number): number {
  let low = 0;
  let high = 1;
  while (mass(high) < confidence) high *= 2;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (mass(middle) < confidence) low = middle;
    else high = middle;
  }
}
