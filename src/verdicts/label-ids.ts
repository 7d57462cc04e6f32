import { arms, type Label, label, otherArms, scorers, variant } from "../results/labels.ts";
import type { Role } from "./registration.ts";

/* The ids by which registrations name arms and scorers: "base@variant, variant", where the base is a known label or not. */

const NEUTRAL = "#707070";

/** The parts of an id of the form base@variant. */
export function partsOfId(id: string): { base: string; how: string | undefined } {
  const at = id.indexOf("@");
  return at < 0 ? { base: id, how: undefined } : { base: id.slice(0, at), how: id.slice(at + 1) };
}

/** The known label with this id in a role. */
export function knownLabel(id: string, role: Role): Label | undefined {
  const known = role === "arm" ? { ...arms, ...otherArms } : scorers;
  return Object.values<Label>(known).find((one) => one.id === id);
}

/** The label of an id in a role; one with an unknown base is named by its id. */
export function labelFromId(id: string, role: Role): Label {
  const { base, how } = partsOfId(id);
  const own = knownLabel(base, role) ?? label(base, base, NEUTRAL);
  return how === undefined ? own : variant(own, how);
}
