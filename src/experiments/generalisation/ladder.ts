import type { PolicyStage } from "../../pipeline/stage.ts";
import type { VerificationStage } from "../../pipeline/verification.ts";
import { arms, type Label, variant } from "../../results/labels.ts";
import { arm, judged, type Plan } from "../../results/plan.ts";
import type { Laboratory } from "../laboratory.ts";
import { afterEpochs } from "../tuned/epochs.ts";
import { onlineFromSft } from "../tuned/policies.ts";
import { rewardModelKinds } from "../tuned/reward-models.ts";
import { withImportance } from "./plan.ts";

/** The same scorer, judged on shifted samples; on those in distribution if `shift` is empty. */
export const under = (scorer: Label, shift: string): Label =>
  shift === "" ? scorer : variant(scorer, shift);

/** The epochs among which the best is chosen on each seed, by agreement with the annotator's validation labels. */
export const ladderEpochs = [1, 2, 4, 8, 16] as const;
/** Of the online policy on whose samples reward models are judged. */
const ONLINE_EPOCHS = 3;
const SHIFTED_PROMPTS = 400;

/** What reward models are judged on beside SFT samples of posts as in training, and how it changes a verification. */
const shifts: Readonly<
  Record<string, (lab: Laboratory, prompts: number, online: PolicyStage) => Partial<VerificationStage>>
> = {
  "rich posts": (lab, prompts) => ({ setting: withImportance(lab, 0.7, prompts) }),
  "poor posts": (lab, prompts) => ({ setting: withImportance(lab, 0.15, prompts) }),
  "online samples": (_lab, _prompts, policy) => ({ policy }),
};

/** What reward models are judged on away from their training distribution. */
export const shiftNames: readonly string[] = Object.keys(shifts);

/**
 * Four kinds of reward models at their own settings and best epochs, judged on SFT samples of fresh posts, on those of
 * posts of another kind, and on samples of a policy that online fine-tuning has moved.
 */
export function ladderPlan(lab: Laboratory): Plan {
  const online = onlineFromSft.train(lab, ONLINE_EPOCHS, onlineFromSft.settings);
  const prompts = Math.min(SHIFTED_PROMPTS, lab.config.verification.prompts);
  const byEpochs = (label: Label) => ladderEpochs.map((epochs) => afterEpochs(label, epochs));
  const models = rewardModelKinds.flatMap(({ label, settings, train }) =>
    ladderEpochs.map((epochs) => ({
      label: afterEpochs(label, epochs),
      scorer: train(lab, epochs, settings),
    })),
  );
  const shifted = Object.entries(shifts).flatMap(([name, changes]) =>
    models.map(({ label, scorer }) =>
      judged(under(label, name), lab.verification(scorer, { prompts, ...changes(lab, prompts, online) })),
    ),
  );
  return {
    arms: [arm(arms.sft, lab.sft), arm(afterEpochs(arms.onlineSft, ONLINE_EPOCHS), online)],
    scorers: [...models.map(({ label, scorer }) => judged(label, lab.verification(scorer))), ...shifted],
    bestScorers: rewardModelKinds.map(({ label }) => ({
      label,
      candidates: byEpochs(label),
      openEnds: "upper",
      by: "label-accuracy",
    })),
    followingScorers: Object.keys(shifts).flatMap((name) =>
      rewardModelKinds.map(({ label }) => ({
        label: under(label, name),
        choice: label,
        candidates: byEpochs(label).map((one) => under(one, name)),
      })),
    ),
    pairs: { offline: lab.pairs },
  };
}
