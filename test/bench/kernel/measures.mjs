/**
 * @typedef {object} Measure something that one round of a kernel gives one number for
 * @property {string} name for people
 * @property {"seconds" | "bytes"} unit
 * @property {string} means what exactly it is
 */

/** @type {Record<string, Measure>} */
export const MEASURES = {
  firstReply: {
    name: "start to first reply",
    unit: "seconds",
    means: "from starting the process to its `kernel_info_reply`",
  },
  firstResult: {
    name: "start to first result",
    unit: "seconds",
    means: "from starting the process to the first cell's reply and its value",
  },
  roundTrip: {
    name: "round trip of `1+1`",
    unit: "seconds",
    means: "from the request to both the reply and the idle status, once warm",
  },
  newSum: {
    name: "a sum that is new each time",
    unit: "seconds",
    means: "the same for sums that were not asked for before",
  },
  newCell: {
    name: "a cell that declares",
    unit: "seconds",
    means: "the same for cells that each declare another variable and use it",
  },
  queued: {
    name: "100 queued cells",
    unit: "seconds",
    means: "such cells, all requested at once, until the last reply and status",
  },
  complete: {
    name: "completion",
    unit: "seconds",
    means: "of a property of an earlier cell's value, once warm",
  },
  inspect: { name: "inspection", unit: "seconds", means: "of that value, once warm" },
  memoryAtStart: {
    name: "memory at start",
    unit: "bytes",
    means:
      "proportional set size of the kernel and all processes that it started, half a second after the first result",
  },
  memoryAfter: { name: "memory after all of it", unit: "bytes", means: "the same at the round's end" },
};

/** Seconds or bytes as people read them: "4.1 ms", "0.37 s", "117 MB". @param {string} unit */
export function inUnits(value, unit) {
  if (unit === "bytes") return `${Math.round(value / 1e6)} MB`;
  return value < 0.0995 ? `${(1000 * value).toPrecision(2)} ms` : `${value.toPrecision(2)} s`;
}
