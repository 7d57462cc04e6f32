import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { readJson } from "./files.mjs";

const FOLDER = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//;

/** The folders of the packages that a bundle contains code of. @param {import("esbuild").Metafile} metafile */
function packageFolders(metafile) {
  const inputs = Object.values(metafile.outputs).flatMap(({ inputs }) => Object.entries(inputs));
  const folders = inputs.flatMap(([file, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [FOLDER.exec(file)?.[1]] : [],
  );
  return folders.filter((folder) => folder !== undefined);
}

/** The text of a package's licence. */
function licenseText(folder) {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const name = names.find((each) => /^(licen[cs]e|copying)/i.test(each));
  return name
    ? readFileSync(path.join(folder, name), "utf8").trim()
    : "(The package has no file with its licence.)";
}

/**
 * The licences of all packages that bundles contain code of, as their licences require where the bundles are
 * distributed.
 *
 * @param {import("esbuild").Metafile[]} metafiles
 * @param {string} root the folder that their paths are relative to
 */
export function bundledLicenses(metafiles, root) {
  const folders = [...new Set(metafiles.flatMap(packageFolders))].map((folder) => path.resolve(root, folder));
  const sections = folders.map((folder) => {
    const { name, version, license } = readJson(path.join(folder, "package.json"));
    return `${name} ${version}, ${license?.type ?? license ?? "unknown licence"}\n\n${licenseText(folder)}\n`;
  });
  const title = "The programs in this folder contain code of the following packages.\n";
  return [title, ...new Set(sections.sort())].join(`\n${"-".repeat(80)}\n\n`);
}
