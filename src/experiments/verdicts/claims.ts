import type { Estimated } from "../../verdicts/estimates.ts";
import type { Finding } from "../../verdicts/finding.ts";
import type { Chapter } from "./chapters.ts";

/** A claim of the paper, the primary hypothesis that tests it here, and the control that matters most for it. */
export interface Claim {
  readonly registration: string;
  readonly hypothesis: string;
  readonly title: string;
  /** The hypothesis, of the same registration, that decides how to read the first. */
  readonly control: string;
  /** What is measured, as the subject of a sentence. */
  readonly subject: string;
}

/** The main claim and the hypotheses that the paper considers as its cause, H1 to H6. */
export const claims: readonly Claim[] = [
  {
    registration: "01-best-epochs",
    hypothesis: "main",
    title: "Online beats offline",
    control: "equal-kl",
    subject: "online less offline",
  },
  {
    registration: "03-label-sources",
    hypothesis: "H1",
    title: "H1: on-policy samples are worth something in themselves",
    control: "H1-labels",
    subject: "the annotator's pairs less own samples with own labels",
  },
  {
    registration: "04-explicit-kl",
    hypothesis: "H2",
    title: "H2: offline lacks the KL to its reference",
    control: "H2-no-help",
    subject: "online less offline with the KL",
  },
  {
    registration: "05-more-prompts",
    hypothesis: "H3",
    title: "H3: online is only easier to optimise",
    control: "H3-equal-steps",
    subject: "online with three times the prompts less without",
  },
  {
    registration: "06-pair-width",
    hypothesis: "H4",
    title: "H4: the reward model sees wider data",
    control: "H4-wide",
    subject: "the gap on narrow pairs less that on wide ones",
  },
  {
    registration: "07-reward-model-ladder",
    hypothesis: "H5",
    title: "H5: reward models generalise better",
    control: "H5-grows",
    subject: "accuracy of the reward model less DPO's",
  },
  {
    registration: "08-verifier-knobs",
    hypothesis: "H6",
    title: "H6: verifying is easier than generating",
    control: "H6-own-class",
    subject: "online by global labels less by labels of the policy's own class",
  },
];

/** A claim with the findings on it. */
export interface JudgedClaim extends Claim {
  readonly chapter: Chapter;
  readonly finding: Finding;
  readonly controlFinding: Finding;
}

/** The claims whose experiments are among the chapters. Throws if a registration lacks a hypothesis. */
export function judgedClaims(chapters: readonly Chapter[]): JudgedClaim[] {
  return claims.flatMap((claim) => {
    const chapter = chapters.find(({ registration }) => registration.id === claim.registration);
    if (chapter === undefined) return [];
    const [finding, controlFinding] = [
      findingOf(chapter, claim.hypothesis),
      findingOf(chapter, claim.control),
    ];
    return [{ ...claim, chapter, finding, controlFinding }];
  });
}

/** The finding on one hypothesis of a chapter. Throws if there is none. */
export function findingOf({ registration, findings }: Chapter, id: string): Finding {
  const found = findings.find(({ hypothesis }) => hypothesis.id === id);
  if (found !== undefined) return found;
  throw new Error(`${registration.id} registers no hypothesis "${id}".`);
}

/** The number that decides a hypothesis; undefined if it could not be measured. */
export const numberOf = ({ estimates }: Finding): Estimated | undefined => estimates[0];
