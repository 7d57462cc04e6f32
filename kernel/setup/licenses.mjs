import { readdirSync, readFileSync } from "node:fs";
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

/** What a package's manifest and files say about its licence; `text` is undefined if it has no file with it. */
function readLicense(folder) {
  const { name, version, license, repository } = readJson(path.join(folder, "package.json"));
  const file = readdirSync(folder).find((each) => /^(licen[cs]e|copying)/i.test(each));
  return {
    title: `${name} ${version}, ${license?.type ?? license ?? "unknown licence"}`,
    repository: (repository?.url ?? repository ?? "").replace(/^git\+|\.git$/g, ""),
    text: file && readFileSync(path.join(folder, file), "utf8").trim(),
  };
}

/** Of a package without a file: the licence of another one of its repository, or where that is. */
function sharedText({ repository }, all) {
  const other = all.find((each) => each.text && repository !== "" && each.repository === repository);
  return other?.text ?? `The package has no file with its licence. Its source: ${repository || "unknown"}`;
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
  const licenses = folders.map(readLicense);
  const sections = licenses.map((each) => `${each.title}\n\n${each.text ?? sharedText(each, licenses)}\n`);
  const title = "The programs in this folder contain code of the following packages.\n";
  return [title, ...new Set(sections.sort())].join(`\n${"-".repeat(80)}\n\n`);
}
