import { AsyncLocalStorage, AsyncResource } from "node:async_hooks";
import { pin } from "./intrinsics.ts";

const storage = pin(new AsyncLocalStorage<number>());

/** Calls a function as part of a cell's run. Whatever it schedules, however late, belongs to that run too. */
export const withRun = (run: number, callback: () => void): void => storage.run(run, callback);

/** The id of the run that the current code belongs to; undefined outside of any run. */
export const currentRun = (): number | undefined => storage.getStore();

/** Binds a function to the current run, whoever calls it later. */
export const bindToCurrentRun = (callback: () => void): (() => void) => AsyncResource.bind(callback);
