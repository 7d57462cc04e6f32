import type { Finding } from "../../verdicts/finding.ts";
import { decide } from "../../verdicts/rules.ts";

const SIDES = { for: "#1a78b5", against: "#b03a00", undecided: "#707070" } as const;

/** The colour of what a verdict says of the paper, which is always named beside it; grey if it says nothing. */
export const sideColour = ({ stance = "undecided" }: Finding): string => SIDES[stance];

/**
 * What a finding says of the paper: by its verdict or, while seeds are missing, by the side on which its estimates lie so far.
 * Undefined if the registration does not say what a verdict means.
 */
export function leaning(finding: Finding): Finding["stance"] {
  const { status, stance, hypothesis, estimates } = finding;
  if (status !== "incomplete" || hypothesis.ifSupported === undefined) return stance;
  const [supported, refuted] =
    hypothesis.ifSupported === "for" ? (["for", "against"] as const) : (["against", "for"] as const);
  if (estimates.length === 0) return "undecided";
  const decision = decide(
    hypothesis.rule,
    estimates.map(({ mean }) => ({ low: mean, high: mean })),
  );
  return decision === "supported" ? supported : decision === "refuted" ? refuted : "undecided";
}
