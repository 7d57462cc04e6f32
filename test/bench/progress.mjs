import { formatDuration } from "../../kernel/display/duration.mjs";
import { showStatus } from "../../kernel/setup/log.mjs";

/**
 * Shows in the terminal what is being measured, and an estimate of the time left from the mean time per part so far.
 *
 * @param {number} total the number of parts
 * @returns {(text: string) => void} to be called at the start of each part
 */
export function startProgress(total) {
  const startedAt = performance.now();
  let done = 0;
  return (text) => {
    const left = ((performance.now() - startedAt) / done) * Math.max(0, total - done);
    showStatus(`  ${text}${done > 0 ? ` · about ${formatDuration(left)} left` : ""}`);
    done += 1;
  };
}

/** "round 2 of 7"; round 0 is the warm-up. */
export const roundLabel = (round, rounds) => (round === 0 ? "warming up" : `round ${round} of ${rounds}`);
