import { createHash } from "node:crypto";
import type { VegaLiteSpec } from "./theme.ts";

type Json = { readonly [key: string]: unknown };

/**
 * Specifications with their rows in one table of data sets, in which equal rows are stored once: the two layouts of a
 * chart share most of them.
 */
export function shareRows(specs: readonly VegaLiteSpec[]): { specs: VegaLiteSpec[]; datasets: Json } {
  const datasets: Record<string, unknown> = {};
  const shared = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(shared);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, inner]) => {
        const { values } = (inner ?? {}) as Json;
        if (key !== "data" || !Array.isArray(values)) return [key, shared(inner)];
        const name = `rows-${createHash("sha256").update(JSON.stringify(values)).digest("hex").slice(0, 8)}`;
        datasets[name] = values;
        return [key, { name }];
      }),
    );
  };
  return { specs: specs.map((spec) => shared(spec) as VegaLiteSpec), datasets };
}
