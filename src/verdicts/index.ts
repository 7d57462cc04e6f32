/* Registrations, the rules that decide them, and the estimates that the rules read. */
export {
  differencesIn,
  type Estimate,
  type Estimated,
  estimated,
  estimateName,
  type IntervalOptions,
  seedValues,
} from "./estimates.ts";
export type { Finding } from "./finding.ts";
export { type ExactFinding, judge, judgeExact } from "./judge.ts";
export { type Circumstances, primariesWithPs } from "./judge-tests.ts";
export { readExactRegistration, readRegistration, testSeeds } from "./read-registration.ts";
export { type ExactRegistration, type Hypothesis, type Registration, unregistered } from "./registration.ts";
export { decide, type Rule, type Status } from "./rules.ts";
