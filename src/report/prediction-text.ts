import { contrastName } from "../results/labels.ts";
import { contrastIds, type Prediction } from "../verdicts/predictions.ts";

/** A prediction as Markdown, for the reader of a notebook: claim, what was reported, metric, rule and seeds. */
export function predictionText(prediction: Prediction): string {
  const { claim, reported, metric, interval, rule, seeds, registered } = prediction;
  const ids = contrastIds(prediction);
  const list = (items: readonly string[]) => items.map((item) => `- ${item.trim()}`).join("\n");
  const contrasts = (names: readonly string[]) => names.map((id) => contrastName(id)).join("; ");
  const verdicts = Object.entries(rule)
    .filter(([name]) => name !== "kind")
    .map(([name, text]) => `*${name}*: ${text}`);
  return [
    `**Claim.** ${claim.trim()}`,
    `**Reported.**\n\n${list(reported.map(({ statement, source }) => `${statement.trim()} (${source.trim()})`))}`,
    `**Measured.** ${metric.definition.trim()}`,
    `**Compared.** ${contrasts(ids.main)}. For robustness: ${contrasts(ids.robustness)}.`,
    `**Interval.** ${100 * interval.level} % by the ${interval.method}: ${interval.outer} outside, ` +
      `${interval.inner} inside, ${interval.draws} draws.`,
    `**Rule**, registered on ${registered}:\n\n${list(verdicts)}`,
    `**Seeds.** ${Object.entries(seeds.test)
      .map(([preset, own]) => `${preset}: ${own.join(", ")}`)
      .join("; ")}. Settings were chosen on seeds ${seeds.tuning.join(", ")}, which are never tested.`,
  ].join("\n\n");
}
