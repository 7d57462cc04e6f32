import type { NeoXConfig } from "../models/gpt-neox.ts";
import { type ChosenSftStage, chosenSftStage } from "../pipeline/chosen-sft.ts";
import { flippedPairsStage } from "../pipeline/flipped-pairs.ts";
import { type OfflinePairsStage, offlinePairsStage } from "../pipeline/offline-pairs.ts";
import { type OnlinePairsStage, onlinePairsStage } from "../pipeline/online-pairs.ts";
import type { PairsStage } from "../pipeline/pairs.ts";
import { type PreferenceStage, preferenceStage } from "../pipeline/preference.ts";
import { publishedRewardStage } from "../pipeline/published-reward.ts";
import { relabelledPairsStage } from "../pipeline/relabelled-pairs.ts";
import { type RewardStage, rewardStage } from "../pipeline/reward-model.ts";
import { type RlooStage, rlooStage } from "../pipeline/rloo.ts";
import type { ScorerSpec } from "../pipeline/scorers.ts";
import { type SftStage, sftStage } from "../pipeline/sft.ts";
import type { PolicyStage, Setting } from "../pipeline/stage.ts";
import type { Start } from "../pipeline/start.ts";
import { type VerificationStage, verificationStage } from "../pipeline/verification.ts";
import type { TaskSpec } from "../tasks/open-task.ts";
import type { DataSizes } from "../tasks/task.ts";

/** The settings of an environment's experiments. */
export interface LaboratoryConfig {
  readonly task: TaskSpec;
  readonly sizes: DataSizes;
  readonly model: NeoXConfig;
  /** The published model that SFT starts from, whose config is `model`; default one with random weights. */
  readonly start?: Start;
  readonly sft: SftStage["options"];
  readonly reward: RewardStage["options"];
  /** The published reward model that takes the place of the one trained on the offline pairs. */
  readonly rewardModel?: Start;
  /** Offline and online. */
  readonly preference: Omit<PreferenceStage["options"], "epochs">;
  readonly online: {
    readonly completions: number;
    readonly temperature: number;
    readonly epochs: number;
    readonly missingEndScore?: number;
    /** What differs from `preference` in online fine-tuning. */
    readonly training?: Partial<Omit<PreferenceStage["options"], "epochs">>;
  };
  /** The temperature of samples for offline pairs and for verification. */
  readonly samplingTemperature: number;
  readonly verification: { readonly prompts: number; readonly completions: number };
}

/** Fine-tuning options that differ from the configuration. */
type PreferenceChanges = Partial<PreferenceStage["options"]>;
/** How online samples are drawn and ranked, where it differs from the configuration. */
type OnlineSampling = Partial<Omit<Parameters<typeof onlinePairsStage>[1], "policy">>;

/** Samples per prompt and step of RLOO; Ahmadian et al. (arXiv 2402.14740) use 2 and 4. */
const RLOO_COMPLETIONS = 4;

/** Makes the stages of one seed. */
export type Laboratory = ReturnType<typeof laboratory>;

/** The stages of one seed's experiment, with the configuration's settings as defaults. */
export function laboratory(config: LaboratoryConfig, seed: number) {
  const setting: Setting = { task: config.task, sizes: config.sizes, seed };
  const { samplingTemperature: temperature, preference } = config;
  const { epochs: onlineEpochs, training: onlineChanges, ...onlineSampling } = config.online;
  const { batchSize, learningRate, schedule, warmupFraction } = preference;
  const onlineTraining = { epochs: onlineEpochs, batchSize, learningRate, schedule, warmupFraction };

  const sftWith = (model: NeoXConfig) => sftStage(setting, model, config.sft);
  const sft = sftStage(setting, config.model, config.sft, config.start);

  const pairsWith = (changes: Partial<Parameters<typeof offlinePairsStage>[1]>): OfflinePairsStage =>
    offlinePairsStage(setting, { policy: sft, temperature, ...changes });
  const pairs = pairsWith({});

  const rewardWith = ({
    policy = sft,
    pairs: trainedOn = pairs,
    ...options
  }: Partial<Pick<RewardStage, "policy" | "pairs"> & RewardStage["options"]>): RewardStage =>
    rewardStage(setting, policy, trainedOn, { ...config.reward, ...options });
  const reward = config.rewardModel ? publishedRewardStage(setting, config.rewardModel) : rewardWith({});

  const onlinePairs = (policy: PolicyStage, sampling: OnlineSampling = {}): OnlinePairsStage =>
    onlinePairsStage(setting, { policy, scorer: reward, ...onlineSampling, ...sampling });

  const online = (
    policy: PolicyStage,
    sampling: OnlineSampling = {},
    options: PreferenceChanges = {},
    reference?: PolicyStage,
  ): PreferenceStage =>
    preferenceStage(
      setting,
      policy,
      onlinePairs(policy, sampling),
      { ...preference, ...onlineChanges, epochs: onlineEpochs, ...options },
      reference,
    );

  return {
    config,
    setting,
    /** SFT of the configured model. */
    sft,
    /** SFT of another model. */
    sftWith,
    /** The annotator's labels of two SFT samples per prompt. */
    pairs,
    /** Offline pairs of other prompts, policies or sources. */
    pairsWith,
    /** The global reward model: that of the offline pairs, or the published one. */
    reward,
    /** A global reward model of other pairs, from another policy or with other options. */
    rewardWith,

    /** The offline pairs, labelled by a scorer. */
    relabelled: (scorer: ScorerSpec) => relabelledPairsStage(setting, pairs, scorer),

    /** Pairs, the offline ones by default, of which each label is flipped with a probability. */
    flipped: (probability: number, of: PairsStage = pairs) => flippedPairsStage(setting, of, probability),

    /** Offline DPO, on the offline pairs and from SFT by default; the policy that it starts from is its reference. */
    dpo: (
      epochs: number,
      options: PreferenceChanges = {},
      trainedOn: PairsStage = pairs,
      start: PolicyStage = sft,
    ): PreferenceStage => preferenceStage(setting, start, trainedOn, { ...preference, epochs, ...options }),

    /** A local reward model: trained from SFT with the DPO loss without a reference. */
    localReward: (epochs: number, options: PreferenceChanges = {}): PreferenceStage =>
      preferenceStage(setting, sft, pairs, { ...preference, epochs, ...options, reference: "none" }),

    /** The best against the worst of a policy's samples, ranked by the global reward model by default. */
    onlinePairs,

    /** Online DPO from a policy on its own samples; the reference is that policy by default. */
    online,

    /**
     * Best-of-K fine-tuning (RAFT): SFT from a policy on the best of its own samples, with the loss of the configured SFT
     * and the optimisation of online DPO by default. Prompts whose samples are all equal are left out, as in `online`.
     */
    bestOfSft: (
      policy: PolicyStage,
      sampling: OnlineSampling = {},
      options: Partial<ChosenSftStage["options"]> = {},
    ): ChosenSftStage => {
      const { lossOn } = config.sft;
      return chosenSftStage(setting, policy, onlinePairs(policy, sampling), {
        lossOn,
        ...onlineTraining,
        ...options,
      });
    },

    /**
     * RLOO: policy gradient on a policy's own samples of the preference prompts, 4 per prompt and step, by default scored by
     * the global reward model, with the optimisation of online DPO. β weighs the KL against the reward as in DPO.
     */
    rloo: (
      policy: PolicyStage,
      options: Partial<RlooStage["options"]> = {},
      { reward: scoredBy = reward, ...slice }: Partial<Pick<RlooStage, "reward" | "first" | "skip">> = {},
    ): RlooStage => {
      const { beta } = preference;
      return rlooStage(setting, {
        policy,
        reward: scoredBy,
        options: { completions: RLOO_COMPLETIONS, beta, ...onlineTraining, ...options },
        ...slice,
      });
    },

    /**
     * Online DPO in several rounds with the budget of one: each samples from the latest policy, on another of equal slices
     * of the prompts, and trains with its own learning-rate schedule. The reference stays the first policy. Gives the last
     * round's stage; with one round, that of `online`. Throws unless there is a prompt for every round.
     */
    onlineRounds(
      policy: PolicyStage,
      rounds: number,
      sampling: OnlineSampling = {},
      options: PreferenceChanges = {},
    ): PreferenceStage {
      const { skip = 0, first = config.sizes.pairs - skip } = sampling;
      if (!(Number.isInteger(rounds) && rounds >= 1 && rounds <= first))
        throw new Error(
          `rounds must be a whole number from 1 to the number of prompts, ${first}, but is ${rounds}: change it.`,
        );
      const from = (round: number) => skip + Math.floor((round * first) / rounds);
      let trained = online(policy, rounds === 1 ? sampling : { ...sampling, first: from(1) - skip }, options);
      for (let round = 1; round < rounds; round++) {
        const slice = { ...sampling, skip: from(round), first: from(round + 1) - from(round) };
        trained = online(trained, slice, options, policy);
      }
      return trained;
    },

    /** A scorer on samples of evaluation prompts, by default the SFT policy's. */
    verification: (
      scorer: ScorerSpec,
      { setting: judgedIn = setting, ...changes }: Partial<Omit<VerificationStage, "kind">> = {},
    ): VerificationStage =>
      verificationStage(judgedIn, {
        policy: sft,
        scorer,
        split: "evaluation",
        temperature,
        ...config.verification,
        ...changes,
      }),
  };
}
