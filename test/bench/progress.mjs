import { duration, status } from "../../kernel/setup/say.mjs";

/**
 * Shows on a terminal what is being measured and how long the rest will take, taking each part for as long as
 * those so far.
 *
 * @param {number} total how many parts there are
 * @returns {(text: string) => void} to be called as each part begins
 */
export function progressOver(total) {
  const began = performance.now();
  let done = 0;
  return (text) => {
    const left = ((performance.now() - began) / done) * Math.max(0, total - done);
    status(`  ${text}${done > 0 ? ` · about ${duration(left)} left` : ""}`);
    done += 1;
  };
}

/** What a runner is doing in a round; before the first one it warms up. */
export const turn = (round, rounds) => (round === 0 ? "warming up" : `round ${round} of ${rounds}`);
