import { decimals } from "./charts/values.ts";

/* Numbers with their units in words. A `share` runs from 0 to 1 and is written in percentage points. */

/** An amount with its unit, without a sign: "3 points", "0.15". */
export function amount(value: number, unit: string): string {
  const shown = Number((unit === "share" ? 100 * value : value).toFixed(3));
  return shown === 1 && unit === "share" ? "1 point" : `${shown}${unitWord(unit)}`;
}

/** A confidence as text: "95%", "99.3%". */
export function percentage(level: number): string {
  return `${Math.round(level * 1000) / 10}%`;
}

/** A p-value as text: "p = .004", "p < .001". */
export function pText(p: number): string {
  if (p < 0.0005) return "p < .001";
  return p >= 0.9995 ? "p = 1" : `p = ${p.toFixed(3).slice(1)}`;
}

/** A unit as it follows a number, with a space before it; rewards have none. */
export function unitWord(unit: string): string {
  return unit === "share" ? " points" : unit === "reward" ? "" : ` ${unit}`;
}

/** A number with its sign, in points for shares; with as many digits as it takes not to round it to zero. */
export function signed(value: number, unit: string): string {
  const [shown, digits] = unit === "share" ? [100 * value, 1] : [value, 3];
  const needed = shown === 0 ? digits : Math.max(digits, -Math.floor(Math.log10(Math.abs(shown) * 2)));
  return decimals(shown, Math.min(needed, 20), true);
}
