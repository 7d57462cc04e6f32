/**
 * @typedef {object} Metric a number that is measured once per round and kernel
 * @property {string} name its name in the report
 * @property {"seconds" | "bytes"} unit
 * @property {string} definition
 */

/** @satisfies {Record<string, Metric>} */
export const METRICS = /** @type {const} */ ({
  firstReply: {
    name: "start to first reply",
    unit: "seconds",
    definition: "from starting the process to its `kernel_info_reply`",
  },
  firstResult: {
    name: "start to first result",
    unit: "seconds",
    definition: "from starting the process to the reply and the value of the first cell",
  },
  roundTrip: {
    name: "round trip of `1+1`",
    unit: "seconds",
    definition: "from the request to both the reply and the idle status, after warm-up",
  },
  newSum: {
    name: "a new sum each time",
    unit: "seconds",
    definition: "the same for sums that have not been run before",
  },
  newCell: {
    name: "a cell with a declaration",
    unit: "seconds",
    definition: "the same for cells that each declare a new variable and use it",
  },
  queued: {
    name: "100 queued cells",
    unit: "seconds",
    definition: "from requesting 100 such cells at once to the last reply and idle status",
  },
  complete: {
    name: "completion",
    unit: "seconds",
    definition: "of a property of an earlier cell's value, after warm-up",
  },
  inspect: { name: "inspection", unit: "seconds", definition: "of that value, after warm-up" },
  memoryAtStart: {
    name: "memory at start",
    unit: "bytes",
    definition:
      "proportional set size of the kernel and all its child processes, half a second after the first result",
  },
  memoryAfter: { name: "memory at the end", unit: "bytes", definition: "the same at the end of the round" },
});

/** Formats seconds or bytes: "4.1 ms", "0.37 s", "117 MB". @param {number} value @param {string} unit */
export function formatValue(value, unit) {
  if (unit === "bytes") return `${Math.round(value / 1e6)} MB`;
  return value < 0.0995 ? `${(1000 * value).toPrecision(2)} ms` : `${value.toPrecision(2)} s`;
}
