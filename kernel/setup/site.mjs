import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { Failure } from "./failure.mjs";
import { replaceFolder, temporaryName } from "./files.mjs";
import { runLogged } from "./shell.mjs";

/** Where TypeDoc is installed, with the TypeScript that it works with, and its settings. */
const REFERENCE = path.join(".github", "reference");

/** The last line of the site's first page. */
const LINK_TO_API = '<p><a href="api/index.html">API reference of the module</a></p>\n';

/** Links the pages of the reference, which lie at several depths, to the reports. TypeDoc writes REPORTS there. */
function linkToReports(api) {
  for (const name of readdirSync(api, { recursive: true, encoding: "utf8" })) {
    if (!name.endsWith(".html")) continue;
    const file = path.join(api, name);
    const up = "../".repeat(name.split(path.sep).length);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll('href="REPORTS"', `href="${up}index.html"`));
  }
}

/**
 * Puts a site together in a folder, which is replaced: the reports, the notebooks with their outputs in `notebooks`, and
 * the API reference of the module in `api`.
 *
 * @param {string} out
 * @param {string} reports the folder that `npm run paper` has written
 * @param {import("./paths.mjs").Paths} paths
 * @returns {Promise<{ pages: number, notebooks: number }>} how many reports and notebooks there are
 * @throws {Failure} if there are no reports
 */
export async function buildSite(out, reports, paths) {
  if (!existsSync(path.join(reports, "index.html")))
    throw new Failure(`${reports} has no reports: run npm run paper -- --from-ledger first.`);
  const built = temporaryName(out);
  const copied = (extension, folder) => {
    const names = readdirSync(reports).filter((name) => name.endsWith(extension));
    mkdirSync(folder, { recursive: true });
    for (const name of names) copyFileSync(path.join(reports, name), path.join(folder, name));
    return names.length;
  };
  try {
    const pages = copied(".html", built);
    const index = path.join(built, "index.html");
    const text = readFileSync(index, "utf8");
    const end = text.lastIndexOf("</main>");
    if (end >= 0) writeFileSync(index, `${text.slice(0, end)}${LINK_TO_API}${text.slice(end)}`);
    const notebooks = copied(".ipynb", path.join(built, "notebooks"));
    const reference = path.join(paths.root, REFERENCE);
    const typedoc = path.join(reference, "node_modules", "typedoc", "bin", "typedoc");
    const args = [typedoc, "--options", reference, "--out", path.join(built, "api")];
    await runLogged("Writing the API reference", process.execPath, args, { log: paths.log, cwd: paths.root });
    linkToReports(path.join(built, "api"));
    replaceFolder(built, out);
    return { pages, notebooks };
  } finally {
    rmSync(built, { recursive: true, force: true });
  }
}
