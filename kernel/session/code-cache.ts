import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { writeAtomically } from "../setup/files.mjs";

/** When the engine's code of a package is kept, in milliseconds after it was loaded: by then it has been used. */
const later = 1000;

/**
 * Loads the main file of a CommonJS package that needs no other, with what the engine compiled of it when it was loaded
 * before: that lies in `folder`, where nobody else may write, for it is run. The engine refuses what another version of
 * it has compiled.
 */
export function requireCompiled(name: string, require: NodeJS.Require, folder: string | undefined): unknown {
  if (folder === undefined) return require(name);
  const { version } = require(`${name}/package.json`);
  const file = require.resolve(name);
  const kept = path.join(folder, `${path.basename(name)}-${version}-node-${process.version}`);
  let cachedData: Buffer | undefined;
  try {
    cachedData = readFileSync(kept);
  } catch {
    // It was not loaded before.
  }
  const text = `(function (exports, require, module) {${readFileSync(file, "utf8")}\n})`;
  const script = new vm.Script(text, { filename: file, ...(cachedData ? { cachedData } : {}) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module);
  const keep = () => {
    try {
      writeAtomically(kept, script.createCachedData());
    } catch {
      // It will be compiled again.
    }
  };
  if (!cachedData || script.cachedDataRejected) setTimeout(keep, later).unref();
  return module.exports;
}
