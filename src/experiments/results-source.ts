import path from "node:path";
import { repositoryRoot } from "../files/repository.ts";
import { type Preset, presetNamed } from "../results/presets.ts";

/*
 * Where the results of experiments come from. The ledger holds those of the laptop preset, and they are read from it unless
 * training is asked for; other presets are always trained.
 */

/** What a cell or a program asks for. */
export interface SourceOptions {
  /** Whether to train instead of reading the ledger; default what `ALLROADS_TRAIN` says. */
  readonly train?: boolean;
}

/** The preset whose results are committed. */
export const LEDGER_PRESET: Preset = "laptop";

/** The folder of the committed results of the laptop preset. */
export function ledgerFolder(): string {
  return path.join(repositoryRoot(), "data", "results", LEDGER_PRESET);
}

/** How to train what would be read from the ledger, as part of a sentence in Markdown. */
export const HOW_TO_TRAIN =
  "`npm run paper -- --train`, `ALLROADS_TRAIN=1` in the environment of the notebook, or " +
  "`openExperiment(id, bar, { train: true })` in the cell";

/** How to read what would be trained from the ledger, as part of a sentence in Markdown. */
export const HOW_TO_READ =
  "`npm run paper` without `--train`, and in a notebook `openExperiment(id, bar)` without `train` and without " +
  "`ALLROADS_TRAIN` in the environment";

/** The preset with this name, by default the one in ALLROADS_PRESET, or else laptop. Throws if there is none. */
export function notebookPreset(name = process.env.ALLROADS_PRESET): Preset {
  return presetNamed(name);
}

/** Whether the environment asks for training: `ALLROADS_TRAIN` is set to something else than 0. */
export function trainingAsked(): boolean {
  return !["", "0"].includes(process.env.ALLROADS_TRAIN ?? "");
}

/** Whether results at a preset, by default that of the environment, are read from the ledger. */
export function fromLedger(
  preset = notebookPreset(),
  { train = trainingAsked() }: SourceOptions = {},
): boolean {
  return preset === LEDGER_PRESET && !train;
}
