import { mainSentences, robustnessSentences, seedSentences } from "../report/sentences.ts";
import { type Contrast, checkContrasts, type Status, side } from "./contrasts.ts";
import { contrastIds, type Prediction } from "./predictions.ts";

export interface Verdict {
  readonly status: Status;
  /** Undefined where that was not measured, or the main question got no answer. */
  readonly robustToOfflineEpochs: boolean | undefined;
  /** The verdict in words, all of them derived from the numbers. */
  readonly sentences: readonly string[];
}

/**
 * What a prediction's rule says about the contrasts measured; contrasts that it does not name are ignored.
 * Refuted where any main contrast lies below zero, supported where all lie above, otherwise not shown;
 * uninformative, whatever the intervals, where a main contrast has too few seeds. Robust where it is supported
 * and every robustness contrast lies above zero too. A bound of exactly zero is not above or below it.
 * Throws where a main contrast is missing, and as `checkContrasts` does.
 */
export function verdict(prediction: Prediction, contrasts: readonly Contrast[]): Verdict {
  checkContrasts(prediction, contrasts);
  const ids = contrastIds(prediction);
  const named = (wanted: readonly string[]) => contrasts.filter(({ id }) => wanted.includes(id));
  const absent = ids.main.find((id) => !contrasts.some((contrast) => contrast.id === id));
  if (absent)
    throw new Error(
      `The rule of ${prediction.id} needs the contrast ${absent}, which is missing; ` +
        `given: ${contrasts.map(({ id }) => id).join(", ") || "none"}.`,
    );
  const [main, robustness] = [named(ids.main), named(ids.robustness)];
  const status = statusOf(main, prediction.seeds.minimum);
  const complete = robustness.length === ids.robustness.length && robustness.length > 0;
  const robust =
    status !== "uninformative" && complete && enoughSeeds(robustness, prediction.seeds.minimum)
      ? status === "supported" && robustness.every((contrast) => side(contrast) === "above")
      : undefined;
  return {
    status,
    robustToOfflineEpochs: robust,
    sentences: [
      ...mainSentences(prediction, main, status),
      ...robustnessSentences(prediction, robustness, status, robust),
      ...seedSentences(prediction, main),
    ],
  };
}

const enoughSeeds = (contrasts: readonly Contrast[], minimum: number) =>
  contrasts.every(({ seeds }) => seeds.length >= minimum);

function statusOf(main: readonly Contrast[], minimum: number): Status {
  if (!enoughSeeds(main, minimum)) return "uninformative";
  if (main.some((contrast) => side(contrast) === "below")) return "refuted";
  return main.every((contrast) => side(contrast) === "above") ? "supported" : "not shown";
}
