import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { browserFaults, findChromium, NO_CHROMIUM } from "./browser_faults.mjs";
import { pagesIn, staticFaults } from "./static_faults.mjs";

/**
 * Checks every HTML page of a folder, in Chromium too where there is one.
 *
 * @param {string} folder
 * @returns {Promise<{ pages: string[], faults: string[], opened: boolean }>} opened: whether there is a Chromium
 */
export async function checkReports(folder) {
  const chromium = findChromium();
  const faults = staticFaults(folder);
  if (chromium) faults.push(...(await browserFaults(folder, chromium)));
  return { pages: pagesIn(folder), faults, opened: chromium !== null };
}

/** `node test/kernel/pages/check_reports.mjs FOLDER`: prints what is wrong; exit code 1 where something is. */
async function main([folder, ...more]) {
  if (!folder || more.length > 0 || !existsSync(folder)) {
    console.error("Name one folder of reports: node test/kernel/pages/check_reports.mjs reports");
    return 2;
  }
  const { pages, faults, opened } = await checkReports(folder);
  for (const fault of faults) console.log(fault);
  if (!opened) console.log(NO_CHROMIUM);
  console.log(`${pages.length} pages, ${faults.length} faults`);
  return faults.length > 0 || pages.length === 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(path.resolve(process.argv[1] ?? "")).href)
  process.exitCode = await main(process.argv.slice(2));
