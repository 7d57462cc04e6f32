import { readFileSync } from "node:fs";
import { Failure } from "./failure.mjs";

/**
 * @typedef {object} Pin one package of a file that pip installs from in hash-checking mode
 * @property {string} name
 * @property {string} version
 * @property {string} [marker] for which Python versions it is installed, for example "python_full_version < '3.12'"
 * @property {string[]} hashes SHA-256 of the wheels that may be installed, hexadecimal
 */

/** "name==1.0 ; marker", with the marker optional. */
const REQUIREMENT = /^([A-Za-z0-9][\w.-]*)==(\S+?)(?:\s*;\s*(.+?))?$/;
const HASH = /^--hash=sha256:([0-9a-f]{64})$/;

/**
 * The packages in the text of a requirements file that `npm run pin` has written.
 *
 * @param {string} text
 * @param {string} file for messages
 * @returns {Pin[]}
 * @throws {Failure} if a line has another form, or a package has no hash
 */
export function parsePins(text, file) {
  const lines = text.replaceAll("\\\n", " ").split("\n");
  return lines
    .filter((line) => line.trim() !== "" && !line.startsWith("#"))
    .map((line) => {
      const [requirement = "", ...options] = line.trim().split(/\s+(?=--)/);
      const [, name, version, marker] = REQUIREMENT.exec(requirement) ?? [];
      const hashes = options.flatMap((option) => HASH.exec(option)?.[1] ?? []);
      if (!name || !version || hashes.length === 0 || hashes.length !== options.length)
        throw new Failure(
          `${file} has the line "${line.trim().slice(0, 80)}", which does not pin a package with its SHA-256: run npm run pin.`,
        );
      return { name, version, ...(marker && { marker }), hashes };
    });
}

/** `parsePins` of a file. */
export const readPins = (file) => parsePins(readFileSync(file, "utf8"), file);

/** The text of a requirements file with these packages. @param {Pin[]} pins */
export const requirementsText = (pins) =>
  pins
    .map(({ name, version, marker, hashes }) =>
      [`${name}==${version}${marker ? ` ; ${marker}` : ""}`, ...hashes.map((hash) => `--hash=sha256:${hash}`)]
        .join(" \\\n    ")
        .concat("\n"),
    )
    .join("");
