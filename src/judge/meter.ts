import { type Budget, exceeded, type Prices, type Tokens, usage } from "./budget.ts";
import type { Usage } from "./judge.ts";

/** Counts what requests use. */
export interface Meter {
  /** Counts a request that is about to be made, by its estimate. Throws if the budget has not enough left for it. */
  begin(estimated: Tokens): void;
  /** Replaces the estimate of a request by what it used. */
  end(estimated: Tokens, used: Tokens): void;
  used(): Usage;
}

/** A meter for one run. */
export function openMeter(budget: Budget, prices: Prices | undefined): Meter {
  let [requests, input, output] = [0, 0, 0];
  return {
    begin(estimated) {
      const tokens = { input: input + estimated.input, output: output + estimated.output };
      const problem = exceeded(budget, usage(requests + 1, tokens, prices));
      if (problem !== undefined) throw new Error(`The next request would make it ${problem}`);
      requests++;
      [input, output] = [tokens.input, tokens.output];
    },
    end(estimated, used) {
      input += used.input - estimated.input;
      output += used.output - estimated.output;
    },
    used: () => usage(requests, { input, output }, prices),
  };
}
