import { Failure } from "../../../kernel/setup/failure.mjs";

const BEGIN = "<!-- beside other kernels: written by `npm run bench -- kernel --write` -->";
const END = "<!-- end of beside other kernels -->";

/**
 * The text with `section` between its two marks.
 *
 * @throws {Failure} where a mark is missing
 */
export function withSection(text, section) {
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Failure(
      `kernel/README.md must hold the lines "${BEGIN}" and "${END}" in this order: put them back.`,
    );
  return `${text.slice(0, begin + BEGIN.length)}\n\n${section}\n\n${text.slice(end)}`;
}
