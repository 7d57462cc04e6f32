import { existsSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";
import { helpText, parseCommandLine, usageError } from "../../../kernel/setup/command-line.mjs";
import { log } from "../../../kernel/setup/log.mjs";
import { runCommand } from "../../../kernel/setup/run-command.mjs";
import { browserFaults, findChromium, NO_CHROMIUM } from "./browser-faults.mjs";
import { pagesIn, staticFaults } from "./static-faults.mjs";

/**
 * Checks every HTML page of a folder, also in Chromium if there is one.
 *
 * @param {string} folder
 * @returns {Promise<{ pages: string[], faults: string[], opened: boolean }>} `opened` is whether there is a Chromium
 */
export async function checkReports(folder) {
  const chromium = findChromium();
  const faults = staticFaults(folder);
  if (chromium) faults.push(...(await browserFaults(folder, chromium)));
  return { pages: pagesIn(folder), faults, opened: chromium !== null };
}

/** @type {import("../../../kernel/setup/command-line.mjs").Command} */
const COMMAND = {
  name: "node test/kernel/pages/check-reports.mjs",
  operands: "FOLDER",
  about: "Checks the HTML pages of a folder. Prints all faults; the exit code is 1 if there are any.",
  options: {},
};

async function main(argv) {
  const { values, operands } = parseCommandLine(COMMAND, argv);
  if (values.help) {
    process.stdout.write(helpText(COMMAND));
    return 0;
  }
  const [folder, ...more] = operands;
  if (folder === undefined || more.length > 0 || !existsSync(folder))
    throw usageError(`Give one folder of reports: ${COMMAND.name} reports`);
  const { pages, faults, opened } = await checkReports(folder);
  for (const fault of faults) log(fault);
  if (!opened) log(NO_CHROMIUM);
  log(`${pages.length} pages, ${faults.length} faults`);
  return faults.length > 0 || pages.length === 0 ? 1 : 0;
}

if (import.meta.url === pathToFileURL(path.resolve(process.argv[1] ?? "")).href) await runCommand(main);
