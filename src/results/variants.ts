/*
 * Ids of arms and verifiers that are variants of others: `base@what is special`.
 */

const VARIANT = "@";

/** The id of a variant of an arm or a scorer, for example `dpo@25 % of the pairs`; of a variant's own, `dpo@one, other`. */
export function variantId(base: string, variant: string): string {
  return `${base}${base.includes(VARIANT) ? ", " : VARIANT}${variant}`;
}

/** The parts of a variant's id; `variant` is undefined where the id is no variant's. */
export function variantOf(id: string): { base: string; variant: string | undefined } {
  const at = id.indexOf(VARIANT);
  return at < 0
    ? { base: id, variant: undefined }
    : { base: id.slice(0, at), variant: id.slice(at + VARIANT.length) };
}

/** The same entries under the ids of their variants. */
export function asVariants<T>(entries: Readonly<Record<string, T>>, variant: string): Record<string, T> {
  return Object.fromEntries(
    Object.entries(entries).map(([base, entry]) => [variantId(base, variant), entry]),
  );
}
