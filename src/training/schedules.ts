/** How the learning rate can move after its warm-up. */
export const schedules = ["constant", "linear", "cosine"] as const;
export type Schedule = (typeof schedules)[number];

/**
 * The learning rate's multiplier at `step` (counted from 0) of `steps`: a linear rise from 0 over the first
 * `warmup` steps, then constant, linear or half-cosine decay to 0, as in transformers'
 * `get_linear_schedule_with_warmup` and `get_cosine_schedule_with_warmup`.
 */
export function learningRateFactor(schedule: Schedule, step: number, steps: number, warmup: number): number {
  if (step < warmup) return step / Math.max(1, warmup);
  if (schedule === "constant") return 1;
  const progress = (step - warmup) / Math.max(1, steps - warmup);
  return schedule === "linear" ? Math.max(0, 1 - progress) : 0.5 * (1 + Math.cos(Math.PI * progress));
}
