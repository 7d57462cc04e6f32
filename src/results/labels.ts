import { variantOf } from "./variants.ts";

/** How an arm or a scorer appears in charts and tables. */
export interface Style {
  readonly id: string;
  readonly name: string;
  /** For marks: at least 3:1 against white. */
  readonly colour: string;
  /** The same hue for text: at least 4.5:1 against white. */
  readonly ink: string;
}

const style = (id: string, name: string, colour: string, ink = colour): Style => ({ id, name, colour, ink });

/**
 * The arms of the main comparison in the order in which they are shown: offline arms cool, online arms warm,
 * and told apart under protanopia, deuteranopia and tritanopia (after Okabe and Ito, darkened for white).
 */
export const arms: readonly Style[] = [
  style("sft", "SFT", "#666666"),
  style("dpo", "DPO", "#3a9bdc", "#1a78b5"),
  style("dpo-2x", "DPO (2x)", "#005a9c"),
  style("dpo-5x", "DPO (5x)", "#00966e", "#007a59"),
  style("dpo-10x", "DPO (10x)", "#0b4126"),
  style("dpo-best", "DPO (best epoch)", "#332288"),
  style("online-sft", "Online DPO (SFT)", "#cc8400", "#946000"),
  style("online-dpo", "Online DPO (DPO)", "#b03a00"),
];

/** What ranks completions, from the best informed to the least. */
export const scorerLabels: readonly Style[] = [
  style("gold", "Gold reward", "#222222"),
  style("global", "Global RM", "#b03a00"),
  style("local", "Local RM", "#00966e", "#007a59"),
  style("last", "Last-token RM", "#cc8400", "#946000"),
  style("dpo", "DPO RM", "#3a9bdc", "#1a78b5"),
  style("likelihood", "Own likelihood", "#8a5ba6"),
  style("rouge-l", "ROUGE-L", "#332288"),
];

const NEUTRAL = "#707070";

/**
 * The style of `id` in `table`. A variant, `base@what is special`, looks like its base and is named after both; an id
 * that is not there keeps its own name, in a neutral colour.
 */
export function styleOf(id: string, table: readonly Style[] = arms): Style {
  const found = table.find((entry) => entry.id === id);
  if (found !== undefined) return found;
  const { base, variant } = variantOf(id);
  if (variant === undefined) return style(id, id, NEUTRAL);
  const plain = styleOf(base, table);
  return { ...plain, id, name: `${plain.name}, ${variant}` };
}

/**
 * Names for use side by side: a variant whose base is among `ids` is called by what is special alone, unless `table` has
 * a name for it.
 */
export function sideBySide(ids: readonly string[], table: readonly Style[] = arms): Map<string, string> {
  return new Map(
    ids.map((id) => {
      const { base, variant } = variantOf(id);
      const special = ids.includes(base) && !table.some((entry) => entry.id === id);
      return [id, variant !== undefined && special ? variant : styleOf(id, table).name];
    }),
  );
}

/** The distinct ids, those of `table` first and in its order, each with its variants behind it, then the others as they came. */
export function sortByLabel(ids: Iterable<string>, table: readonly Style[] = arms): string[] {
  const given = new Set(ids);
  const known = table.flatMap((entry) => [
    ...(given.has(entry.id) ? [entry.id] : []),
    ...[...given].filter((id) => id !== entry.id && variantOf(id).base === entry.id),
  ]);
  return [...new Set([...known, ...given])];
}

const VERSUS = "-vs-";

/** The id of the paired difference `treatment` minus `control`, for example `online-sft-vs-dpo`. */
export function contrastId(treatment: string, control: string): string {
  return `${treatment}${VERSUS}${control}`;
}

/** The two arms of a contrast's id; `control` is undefined where the id does not name two. */
export function contrastArms(id: string): { treatment: string; control: string | undefined } {
  const at = id.indexOf(VERSUS);
  if (at < 0) return { treatment: id, control: undefined };
  return { treatment: id.slice(0, at), control: id.slice(at + VERSUS.length) };
}

/** A contrast as people read it, for example "Online DPO (SFT) − DPO". */
export function contrastName(id: string, table: readonly Style[] = arms): string {
  const { treatment, control } = contrastArms(id);
  return control === undefined ? id : `${styleOf(treatment, table).name} − ${styleOf(control, table).name}`;
}
