/*
 * node --require slow-training.cjs: makes training in worker processes slow from its first checkpoint on. STORE is the run
 * store. While it has a file .slow, each step of a stage that has a checkpoint takes as many milliseconds more as the file
 * says, and adds a byte to the file .steps.
 */
const { appendFileSync, existsSync, readdirSync, readFileSync } = require("node:fs");
const path = require("node:path");

const store = process.env.STORE;
const soon = setImmediate;

function delay() {
  try {
    const work = path.join(store, ".unfinished");
    const has = readdirSync(work).some((name) => existsSync(path.join(work, name, "checkpoint.safetensors")));
    return has ? Number(readFileSync(path.join(store, ".slow"), "utf8")) : undefined;
  } catch {
    return undefined;
  }
}

if (store !== undefined && process.send !== undefined)
  globalThis.setImmediate = Object.assign((callback, ...values) => {
    const milliseconds = delay();
    if (milliseconds === undefined) return soon(callback, ...values);
    appendFileSync(path.join(store, ".steps"), ".");
    return setTimeout(callback, milliseconds, ...values);
  }, soon);
