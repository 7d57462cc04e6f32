/** An arm or a scorer as tables and charts show it. */
export interface Label {
  /** Identifies it within an experiment. */
  readonly id: string;
  readonly name: string;
  /** For marks: contrast at least 3:1 against white. */
  readonly colour: string;
  /** The same hue for text: at least 4.5:1 against white. */
  readonly ink: string;
  /** For a variant, what it is a variant of and how it differs. */
  readonly base?: Label;
  readonly variant?: string;
  /** Its place in display order; labels without one come last. */
  readonly rank?: number;
}

/**
 * A new label, for an arm or a scorer that is not a variant of a known one.
 * @__NO_SIDE_EFFECTS__
 */
export function label(id: string, name: string, colour: string, ink = colour): Label {
  return { id, name, colour, ink };
}

/** @__NO_SIDE_EFFECTS__ */
function ranked<K extends string>(labels: Readonly<Record<K, Label>>, from = 0): Readonly<Record<K, Label>> {
  const entries = Object.entries<Label>(labels).map(([key, one], at) => [key, { ...one, rank: from + at }]);
  return Object.fromEntries(entries) as Record<K, Label>;
}

/**
 * The arms of the main comparison in display order: offline arms cool, online arms warm, and told apart under
 * protanopia, deuteranopia and tritanopia (after Okabe and Ito, darkened for white).
 */
export const arms = ranked({
  sft: label("sft", "SFT", "#666666"),
  dpo: label("dpo", "DPO", "#3a9bdc", "#1a78b5"),
  dpo2x: label("dpo-2x", "DPO (2x)", "#005a9c"),
  dpo5x: label("dpo-5x", "DPO (5x)", "#00966e", "#007a59"),
  dpo10x: label("dpo-10x", "DPO (10x)", "#0b4126"),
  dpoBest: label("dpo-best", "DPO (best epoch)", "#332288"),
  onlineSft: label("online-sft", "Online DPO (SFT)", "#cc8400", "#946000"),
  onlineDpo: label("online-dpo", "Online DPO (DPO)", "#b03a00"),
});

/** Arms that only some experiments have, in display order after the main comparison's. */
export const otherArms = ranked(
  {
    dpoReanchored: label("dpo-reanchored", "DPO, re-anchored", "#005a9c"),
    raft: label("raft", "RAFT", "#5f6b00"),
    rebel: label("rebel", "REBEL", "#a0007c"),
    rloo: label("rloo", "RLOO", "#7a3db8"),
  },
  100,
);

/** Scorers in display order, from the best informed to the least. */
export const scorers = ranked({
  gold: label("gold", "Gold reward", "#222222"),
  global: label("global", "Global RM", "#b03a00"),
  local: label("local", "Local RM", "#00966e", "#007a59"),
  last: label("last", "Last-token RM", "#cc8400", "#946000"),
  dpo: label("dpo", "DPO RM", "#3a9bdc", "#1a78b5"),
  dpo5x: label("dpo-5x", "DPO RM (5x)", "#00436e"),
  likelihood: label("likelihood", "Own likelihood", "#8a5ba6"),
  rougeL: label("rouge-l", "ROUGE-L", "#332288"),
});

/** A variant of an arm or a scorer: same colour, named after its base and how it differs. */
export function variant(base: Label, how: string): Label {
  const root = base.base ?? base;
  const difference = base.variant === undefined ? how : `${base.variant}, ${how}`;
  return {
    ...root,
    id: `${root.id}@${difference}`,
    name: `${root.name}, ${difference}`,
    base: root,
    variant: difference,
  };
}

/** The same label under another display name. */
export function renamed(one: Label, name: string): Label {
  return { ...one, name };
}

/** Whether two labels are of the same arm or scorer. */
export function sameLabel(a: Label, b: Label): boolean {
  return a.id === b.id;
}

/** The distinct labels in display order: known ones first, each followed by its variants; then the others as given. */
export function sortLabels(labels: Iterable<Label>): Label[] {
  const distinct = [...new Map([...labels].map((one) => [one.id, one])).values()];
  const rank = ({ rank = Number.MAX_SAFE_INTEGER }: Label) => rank;
  const isVariant = ({ base }: Label) => Number(base !== undefined);
  return distinct.sort(
    (a, b) => rank(a) - rank(b) || (a.rank === undefined ? 0 : isVariant(a) - isVariant(b)),
  );
}

/** Names for use side by side: a variant is called by its difference alone if its base is among the labels. */
export function namesSideBySide(labels: readonly Label[]): Map<string, string> {
  const ids = new Set(labels.map(({ id }) => id));
  return new Map(
    labels.map(({ id, name, base, variant: how }) => [
      id,
      base !== undefined && how !== undefined && ids.has(base.id) ? how : name,
    ]),
  );
}

/** Two arms or scorers to compare: treatment minus control. */
export interface Difference {
  readonly treatment: Label;
  readonly control: Label;
}

/** A difference as people read it, for example "Online DPO (SFT) − DPO". */
export function differenceName({ treatment, control }: Difference): string {
  return `${treatment.name} − ${control.name}`;
}
