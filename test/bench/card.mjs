import { Failure } from "../../kernel/setup/failure.mjs";
import { ask } from "../../kernel/setup/shell.mjs";

const QUERY = ["--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"];

/**
 * The first NVIDIA card as its driver names it, or null where there is none.
 *
 * @param {() => string | null} query prints "name, driver, memory" for each card
 */
export function findCard(query = () => ask("nvidia-smi", QUERY)) {
  const [name, driver, memory] = query()?.trim().split("\n")[0].split(", ") ?? [];
  return name && driver ? { name, driver, memory } : null;
}

/**
 * `findCard`, which must find one.
 *
 * @param {Parameters<typeof findCard>} query
 * @throws {Failure}
 */
export function requireCard(...query) {
  const card = findCard(...query);
  if (card === null)
    throw new Failure(
      "nvidia-smi shows no NVIDIA card here: run npm run bench:cuda on a machine with a card and its driver, or npm run bench on this one.",
    );
  return card;
}
