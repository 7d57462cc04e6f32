import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import vm from "node:vm";
import { crc32 } from "node:zlib";
import { readOwnFile, writeOwnFile } from "./private-folder.ts";

/** Delay before the code cache is written, in ms. By then the package's main functions have been compiled. */
const writeDelay = 1000;

/** The checksums that precede the cached data: those of the source and of the data. V8 checks neither. */
function checksums(source: string, data: Uint8Array): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32LE(crc32(source), 0);
  bytes.writeUInt32LE(crc32(data), 4);
  return bytes;
}

/** The cached data of a source; undefined if there is none, or if it is damaged or of another source. */
function readCache(file: string, source: string): Buffer | undefined {
  try {
    const bytes = readOwnFile(file);
    const data = bytes.subarray(8);
    return checksums(source, data).equals(bytes.subarray(0, 8)) ? data : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Loads the main file of a dependency-free CommonJS package with V8's code cache, which is kept in `folder`. Without a
 * folder it is an ordinary `require`. The cache is executable code: only the user may be able to write to the folder.
 * V8 rejects a cache made by another version of itself.
 */
export function requireWithCodeCache(
  name: string,
  require: NodeJS.Require,
  folder: string | undefined,
): unknown {
  if (folder === undefined) return require(name);
  const { version } = require(`${name}/package.json`);
  const file = require.resolve(name);
  const cacheFile = path.join(folder, `${path.basename(name)}-${version}-node-${process.version}`);
  const source = readFileSync(file, "utf8");
  const cachedData = readCache(cacheFile, source);
  const text = `(function (exports, require, module) {${source}\n})`;
  const script = new vm.Script(text, { filename: file, ...(cachedData ? { cachedData } : {}) });
  const module = { exports: {} };
  script.runInThisContext()(module.exports, createRequire(file), module);
  const writeCache = () => {
    try {
      const data = script.createCachedData();
      writeOwnFile(cacheFile, Buffer.concat([checksums(source, data), data]));
    } catch {
      // The next kernel compiles the package again.
    }
  };
  if (!cachedData || script.cachedDataRejected) setTimeout(writeCache, writeDelay).unref();
  return module.exports;
}
