import type { NeoXConfig } from "../models/gpt-neox.ts";
import type {
  OfflinePairsStage,
  OnlinePairsStage,
  PairsStage,
  PolicyStage,
  PreferenceSettings,
  PreferenceStage,
  RelabelledPairsStage,
  RewardStage,
  ScorerSpec,
  Setting,
  SftStage,
  VerificationStage,
} from "../pipeline/stage.ts";
import type { TaskSpec } from "../tasks/open-task.ts";
import type { DataSizes } from "../tasks/task.ts";
import type { SftOptions } from "../training/sft.ts";
import type { TrainingOptions } from "../training/train.ts";

/** Every number that an environment's experiments are run with, unless they say otherwise. */
export interface LaboratoryConfig {
  readonly task: TaskSpec;
  readonly sizes: DataSizes;
  readonly model: NeoXConfig;
  readonly sft: Omit<SftOptions, "seed">;
  readonly reward: Omit<TrainingOptions, "seed">;
  /** For offline and online alike. */
  readonly preference: Omit<PreferenceSettings, "epochs">;
  readonly online: { readonly completions: number; readonly temperature: number; readonly epochs: number };
  /** The temperature at which pairs for labelling and samples for verification are drawn. */
  readonly samplingTemperature: number;
  readonly verification: { readonly prompts: number; readonly completions: number };
}

/** What an arm does otherwise than the configuration says. */
type PreferenceChanges = Partial<PreferenceSettings>;

/** The steps of one seed's experiment as stages, each with the configuration's numbers unless told otherwise. */
export interface Laboratory {
  readonly config: LaboratoryConfig;
  readonly setting: Setting;
  /** The SFT policy of the usual model. */
  readonly sft: SftStage;
  /** The annotator's pairs of two SFT samples per prompt. */
  readonly pairs: OfflinePairsStage;
  /** The global reward model of those pairs. */
  readonly reward: RewardStage;
  sftOf(model: NeoXConfig, changes?: Partial<Omit<SftOptions, "seed">>): SftStage;
  pairsOf(
    changes: Partial<Pick<OfflinePairsStage, "policy" | "temperature" | "sources" | "first">>,
  ): OfflinePairsStage;
  relabelled(scorer: ScorerSpec, pairs?: OfflinePairsStage): RelabelledPairsStage;
  rewardOf(changes: {
    readonly policy?: PolicyStage;
    readonly pairs?: PairsStage;
    readonly options?: Partial<RewardStage["options"]>;
  }): RewardStage;
  /** Offline DPO from SFT on the usual pairs for some epochs. */
  dpo(epochs: number, changes?: PreferenceChanges, pairs?: PairsStage, policy?: PolicyStage): PreferenceStage;
  /** A local reward model: the DPO loss without a reference. */
  local(options: PreferenceChanges & { readonly epochs: number }, pairs?: PairsStage): PreferenceStage;
  /** The best against the worst of a policy's samples. */
  onlinePairs(
    policy: PolicyStage,
    changes?: Partial<Omit<OnlinePairsStage, "kind" | "setting" | "policy">>,
  ): OnlinePairsStage;
  /** Online DPO from a policy on its own samples, ranked by the global reward model unless told otherwise. */
  online(
    policy: PolicyStage,
    pairs?: Partial<Omit<OnlinePairsStage, "kind" | "setting" | "policy">>,
    changes?: PreferenceChanges,
  ): PreferenceStage;
  /** A verifier on the SFT policy's samples of evaluation prompts. */
  verification(scorer: ScorerSpec, changes?: Partial<Omit<VerificationStage, "kind">>): VerificationStage;
}

/** The laboratory of one seed. */
export function laboratory(config: LaboratoryConfig, seed: number): Laboratory {
  const setting: Setting = { task: config.task, sizes: config.sizes, seed };
  const sftOf: Laboratory["sftOf"] = (model, changes = {}) => ({
    kind: "sft",
    setting,
    model,
    options: { ...config.sft, ...changes },
  });
  const sft = sftOf(config.model);
  const pairsOf: Laboratory["pairsOf"] = (changes) => ({
    kind: "offline-pairs",
    setting,
    policy: sft,
    temperature: config.samplingTemperature,
    ...changes,
  });
  const pairs = pairsOf({});
  const rewardOf: Laboratory["rewardOf"] = ({ policy = sft, pairs: on = pairs, options = {} }) => ({
    kind: "reward",
    setting,
    policy,
    pairs: on,
    options: { ...config.reward, ...options },
  });
  const reward = rewardOf({});
  const preference = (
    policy: PolicyStage,
    on: PairsStage,
    options: PreferenceStage["options"],
  ): PreferenceStage => ({
    kind: "preference",
    setting,
    policy,
    pairs: on,
    options,
  });
  const { epochs: onlineEpochs, ...sampling } = config.online;
  const onlinePairs: Laboratory["onlinePairs"] = (policy, changes = {}) => ({
    kind: "online-pairs",
    setting,
    policy,
    scorer: reward,
    ...sampling,
    ...changes,
  });
  return {
    config,
    setting,
    sft,
    pairs,
    reward,
    sftOf,
    pairsOf,
    rewardOf,
    onlinePairs,
    relabelled: (scorer, on = pairs) => ({ kind: "relabelled-pairs", setting, pairs: on, scorer }),
    dpo: (epochs, changes = {}, on = pairs, policy = sft) =>
      preference(policy, on, { ...config.preference, epochs, ...changes }),
    local: (options, on = pairs) =>
      preference(sft, on, { ...config.preference, ...options, reference: "none" }),
    online: (policy, on = {}, changes = {}) =>
      preference(policy, onlinePairs(policy, on), { ...config.preference, epochs: onlineEpochs, ...changes }),
    verification: (scorer, changes = {}) => ({
      kind: "verification",
      setting,
      policy: sft,
      scorer,
      split: "evaluation",
      temperature: config.samplingTemperature,
      ...config.verification,
      ...changes,
    }),
  };
}
