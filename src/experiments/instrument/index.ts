import type { Experiment } from "../experiment.ts";

export { type Components, componentsOf } from "./components.ts";
export { coverageRows, familyRows, marginRows, powerRows } from "./report.ts";
export { readSimulation, type Simulation, simulate } from "./simulation.ts";

/** None: the instrument is simulated, without training. */
export const experiments: readonly Experiment[] = [];
