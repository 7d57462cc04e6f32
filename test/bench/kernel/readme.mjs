import { Failure } from "../../../kernel/setup/failure.mjs";

const BEGIN = "<!-- beside other kernels: written by `npm run bench -- kernel --write` -->";
const END = "<!-- end of beside other kernels -->";

/**
 * Replaces the text between the two markers.
 *
 * @param {string} text
 * @param {string} section
 * @throws {Failure} if a marker is missing
 */
export function replaceSection(text, section) {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Failure(
      `kernel/README.md must contain the lines "${BEGIN}" and "${END}" in this order: restore them.`,
    );
  return `${text.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${text.slice(end)}`;
}
