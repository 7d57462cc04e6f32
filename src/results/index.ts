/* Plans of arms and scorers, their labels, what is measured of them, and the ledger. */
export { type ArmResult, type Choice, collect, type ScorerResult, type SeedResult } from "./collect.ts";
export {
  arms,
  type Difference,
  differenceName,
  type Label,
  label,
  namesSideBySide,
  renamed,
  sameLabel,
  scorers,
  sortLabels,
  variant,
} from "./labels.ts";
export { ledgerRecords, type Records, storeRecords, writeLedger } from "./ledger.ts";
export { armOf, type Measure, measureNamed, scorerOf, valuesOf } from "./measures.ts";
export {
  type Arm,
  arm,
  type Best,
  type JudgedScorer,
  joinPlans,
  judged,
  type Plan,
  relabelPlan,
  type SeedPlan,
  seedPlan,
  wantedStages,
} from "./plan.ts";
export { type Preset, presetNamed, presets } from "./presets.ts";
