import type { SlurmOptions } from "./cluster/slurm-options.ts";
import { timedByLedger } from "./experiments/training-time.ts";
import { UsageError } from "./files/usage-error.ts";
import { duration } from "./pipeline/progress.ts";
import type { Stage } from "./pipeline/stage.ts";
import { arraySeconds, type TimedProgramme, togetherSeconds } from "./pipeline/timing.ts";

/* The command `allroads jobs plan`. */

type Print = (text: string) => void;

/** Simulates how long some stages take on 2 to 512 workers, from the ledger's times. */
export function jobsPlan(stages: readonly Stage[], { cpus = "4" }: SlurmOptions, print: Print): number {
  const timed = timedByLedger(stages);
  if (timed === undefined)
    throw new UsageError("The ledger has no time of these stages: name experiments that it has.");
  const seeds = new Set(timed.seeds).size;
  print(`${timed.jobs.length} stages of ${seeds} seeds compute ${timeText(timed)}.`);
  print(`workers  all in one pool  an array of tasks with ${cpus === "1" ? "1 core" : `${cpus} cores`}`);
  for (let workers = 2; workers <= 512; workers *= 2) {
    const array = arraySeconds(timed, workers, Number(cpus));
    print(
      `${String(workers).padStart(7)}  ${duration(togetherSeconds(timed, workers)).padStart(15)}  ` +
        `${array === undefined ? "too few" : duration(array)}`,
    );
  }
  return 0;
}

const timeText = ({ seconds, estimated }: TimedProgramme): string => {
  const some = estimated > 0 ? `, of ${estimated} stages estimated from their size` : "";
  return `${hours(seconds)} core-hours by the ledger's times${some}`;
};

/** How long some stages compute by the ledger's times, in words; undefined if it has none of them. */
export function timeByLedger(stages: readonly Stage[]): string | undefined {
  const timed = timedByLedger(stages);
  return timed && timeText(timed);
}

/** Seconds as hours with three digits. */
export const hours = (seconds: number): string => String(Number((seconds / 3600).toPrecision(3)));
