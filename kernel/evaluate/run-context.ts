import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";

const runs = new AsyncLocalStorage<number>();

/** Does something as part of a run: it and all that it schedules, however late, belong to that run. */
export const inRun = (run: number, work: () => void): void => runs.run(run, work);

/** The run to which what is being done belongs; undefined where no cell has brought it about. */
export const presentRun = (): number | undefined => runs.getStore();

/** A function that belongs to the present run, whoever calls it. */
export const boundToRun = (work: () => void): (() => void) => AsyncResource.bind(work);
