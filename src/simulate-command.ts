import { componentsOf } from "./experiments/instrument/components.ts";
import { simulate, writeSimulation } from "./experiments/instrument/simulation.ts";
import { ledgerResults, plansOf } from "./experiments/programme.ts";
import { arms } from "./results/labels.ts";

/** The experiment whose laptop results in the ledger give the components: seeds 41 to 45. */
const SOURCE = "03-h1-on-policy-feedback";

/**
 * Simulates the instrument with components of the ledger, of Online DPO (SFT) less offline DPO after one, two and five
 * epochs, and writes what was found to data/simulation/instrument.json.
 */
export function simulateInstrument(print: (text: string) => void): number {
  print("Simulating takes about a minute.");
  const results = ledgerResults(plansOf(SOURCE, "laptop"));
  const candidates = [arms.dpo, arms.dpo2x, arms.dpo5x];
  const components = componentsOf(results, arms.onlineSft, candidates);
  const names = candidates.map(({ name }) => name).join(", ");
  const source =
    `Differences in win rate, greedy decoding, of ${arms.onlineSft.name} less each of ${names}, ${SOURCE}, seeds ` +
    `${results.map(({ seed }) => seed).join(", ")}: an analysis of variance of seeds by candidates, less the variance over prompts.`;
  writeSimulation(simulate(components, source));
  print("Wrote data/simulation/instrument.json.");
  return 0;
}
