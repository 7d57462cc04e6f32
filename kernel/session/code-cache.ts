import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { writeAtomically } from "../setup/files.mjs";

/** Delay before the code cache is written, in ms. By then the package's main functions have been compiled. */
const writeDelay = 1000;

/**
 * Loads the main file of a dependency-free CommonJS package with V8's code cache, which is kept in `cacheFolder`.
 * Without a folder it is an ordinary `require`. The cache is executable code: only the user may be able to write to
 * the folder. V8 rejects a cache made by another version of itself.
 */
export function requireWithCodeCache(
  name: string,
  require: NodeJS.Require,
  cacheFolder: string | undefined,
): unknown {
  if (cacheFolder === undefined) return require(name);
  const { version } = require(`${name}/package.json`);
  const file = require.resolve(name);
  const cacheFile = path.join(cacheFolder, `${path.basename(name)}-${version}-node-${process.version}`);
  let cachedData: Buffer | undefined;
  try {
    cachedData = readFileSync(cacheFile);
  } catch {
    // No cache yet.
  }
  const text = `(function (exports, require, module) {${readFileSync(file, "utf8")}\n})`;
  const script = new vm.Script(text, { filename: file, ...(cachedData ? { cachedData } : {}) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module);
  const writeCache = () => {
    try {
      writeAtomically(cacheFile, script.createCachedData());
    } catch {
      // The next kernel compiles the package again.
    }
  };
  if (!cachedData || script.cachedDataRejected) setTimeout(writeCache, writeDelay).unref();
  return module.exports;
}
