import { mean } from "../evaluation/statistics.ts";
import { winRate } from "../evaluation/win-rate.ts";
import type { EvaluationRecord } from "../pipeline/evaluation.ts";
import type { Pairs } from "../pipeline/pairs.ts";
import type { Trained } from "../pipeline/stage.ts";
import type { VerificationRecord } from "../pipeline/verification.ts";

/*
 * How far two records of one stage are apart. Rounding changes single completions, and with them single numbers of a
 * record, so distances are taken between means over prompts or steps.
 */

/** A quantity of a record, in the unit of what is measured. Shares are of prompts. */
export type Quantity =
  | "reward"
  | "win rate"
  | "changed rewards"
  | "entropy"
  | "kl"
  | "malformed"
  | "length"
  | "last step"
  | "loss"
  | "accuracy of training"
  | "margin"
  | "logp"
  | "on-policy kl"
  | "pairs"
  | "gold of pairs"
  | "distinct"
  | "agreement"
  | "accuracy"
  | "probability"
  | "best of n"
  | "gold's best of n"
  | "relative bits";

/** A distance between two records, and what of the record it is about. */
export interface Distance {
  readonly quantity: Quantity;
  /** For example "reward at T = 0.5". */
  readonly name: string;
  readonly distance: number;
}

/** What of two records of one stage is apart, and the names of what must be equal on every machine and is not. */
export interface RecordDistance {
  readonly distances: readonly Distance[];
  readonly unequal: readonly string[];
}

type AnyRecord = Partial<Trained["record"] & Pairs["record"]> & {
  readonly evaluation?: EvaluationRecord;
  readonly verification?: VerificationRecord;
};

/** How far two records of one stage are apart. */
export function recordDistance(one: object, other: object): RecordDistance {
  const [a, b] = [one, other] as readonly AnyRecord[] as readonly [AnyRecord, AnyRecord];
  const kinds = (record: AnyRecord) =>
    Object.keys(record)
      .filter((key) => key !== "provenance")
      .sort();
  const parts = [
    a.evaluation && b.evaluation && evaluationDistance(a.evaluation, b.evaluation),
    a.verification && b.verification && verificationDistance(a.verification, b.verification),
    a.metrics && b.metrics && trainingDistance(a.metrics, b.metrics),
    a.pairs !== undefined && b.pairs !== undefined && pairsDistance(a, b),
  ].filter((part) => part !== undefined && part !== false);
  const apart = [...differing("fields", kinds(a).join(), kinds(b).join())];
  return {
    distances: parts.flatMap(({ distances }) => distances),
    unequal: [...apart, ...parts.flatMap(({ unequal }) => unequal)],
  };
}

function evaluationDistance(a: EvaluationRecord, b: EvaluationRecord): RecordDistance {
  const rate = ({ greedyRewards, referenceRewards }: EvaluationRecord) =>
    winRate(greedyRewards, referenceRewards).mean;
  const temperatures = ({ frontier = [] }: EvaluationRecord) =>
    frontier.map(({ temperature }) => temperature);
  const unequal = [
    ...differing("reference rewards", a.referenceRewards, b.referenceRewards),
    ...differing("optimum", a.optimum, b.optimum),
    ...differing("temperatures", temperatures(a), temperatures(b)),
    ...differing("number of greedy rewards", a.greedyRewards.length, b.greedyRewards.length),
    ...differing("number of sampled rewards", a.sampledRewards.length, b.sampledRewards.length),
    ...differing("number of completions", a.completions.length, b.completions.length),
    ...differing("presence of a KL", a.kl === undefined, b.kl === undefined),
  ];
  if (unequal.length > 0) return { distances: [], unequal };
  const frontier = (a.frontier ?? []).flatMap((point, index): Distance[] => {
    const other = b.frontier?.[index] ?? point;
    const at = `at T = ${point.temperature}`;
    return [
      apart("reward", `reward ${at}`, point.reward, other.reward),
      apart("entropy", `entropy ${at}`, point.entropy, other.entropy),
    ];
  });
  return {
    unequal,
    distances: [
      apart("reward", "greedy reward", mean(a.greedyRewards), mean(b.greedyRewards)),
      apart("reward", "sampled reward", mean(a.sampledRewards), mean(b.sampledRewards)),
      changed("greedy rewards that changed", a.greedyRewards, b.greedyRewards),
      changed("sampled rewards that changed", a.sampledRewards, b.sampledRewards),
      apart("win rate", "win rate", rate(a), rate(b)),
      apart("entropy", "entropy", a.entropy, b.entropy),
      apart("kl", "KL", a.kl ?? 0, b.kl ?? 0),
      apart("malformed", "malformed completions", a.malformed, b.malformed),
      ...inBoth(a.malformedSampled, b.malformedSampled, (one, other) => [
        apart("malformed", "malformed samples", one, other),
      ]),
      apart("length", "length", a.length, b.length),
      ...frontier,
    ],
  };
}

function verificationDistance(a: VerificationRecord, b: VerificationRecord): RecordDistance {
  const ns = ({ bestOf }: VerificationRecord) => bestOf.map(({ n, values }) => [n, values.length]);
  const unequal = [
    ...differing("numbers of samples", ns(a), ns(b)),
    ...differing("presence of labels", a.probability?.length, b.probability?.length),
    ...differing("presence of bits", a.deltaBits === undefined, b.deltaBits === undefined),
    ...inBoth(a.referenceRewards, b.referenceRewards, (one, other) =>
      differing("reference rewards", one, other),
    ),
  ];
  if (unequal.length > 0) return { distances: [], unequal };
  const best = (quantity: Quantity, of: (record: VerificationRecord) => VerificationRecord["bestOf"]) =>
    of(a).map(({ n, values }, index) =>
      apart(quantity, quantity.replace(" n", ` ${n}`), mean(values), mean(of(b)[index]?.values ?? values)),
    );
  return {
    unequal,
    distances: [
      apart("accuracy", "accuracy", meanOf(a.accuracy), meanOf(b.accuracy)),
      apart(
        "accuracy",
        "accuracy among well-formed samples",
        a.wellFormedAccuracy ?? 0,
        b.wellFormedAccuracy ?? 0,
      ),
      apart("probability", "mean probability", meanOf(a.probability), meanOf(b.probability)),
      ...inBoth(a.labelAccuracy, b.labelAccuracy, (one, other) => [
        apart("accuracy", "accuracy on labels", meanOf(one), meanOf(other)),
      ]),
      ...best("best of n", ({ bestOf }) => bestOf),
      ...best("gold's best of n", ({ oracle }) => oracle),
      apart("relative bits", "bits", 1, (b.deltaBits ?? 1) / (a.deltaBits ?? 1)),
    ],
  };
}

const COLUMNS: readonly (readonly [column: string, quantity: Quantity])[] = [
  ["loss", "loss"],
  ["accuracy", "accuracy of training"],
  ["rewards/accuracies", "accuracy of training"],
  ["rewards/margins", "margin"],
  ["logps/chosen", "logp"],
  ["logps/rejected", "logp"],
  ["kl", "on-policy kl"],
];

function trainingDistance(a: Trained["record"]["metrics"], b: Trained["record"]["metrics"]): RecordDistance {
  const columns = (rows: typeof a) => Object.keys(rows[0] ?? {}).sort();
  const unequal = [
    ...differing("number of rows", a.length, b.length),
    ...differing("columns", columns(a), columns(b)),
  ];
  if (unequal.length > 0) return { distances: [], unequal };
  const column = (rows: typeof a, name: string) => rows.map((row) => Number(row[name]));
  const present = COLUMNS.filter(([name]) => columns(a).includes(name));
  return {
    unequal,
    distances: [
      apart("last step", "last step", Number(a.at(-1)?.step ?? 0), Number(b.at(-1)?.step ?? 0)),
      ...present.map(([name, quantity]): Distance => {
        const [own, other] = [column(a, name), column(b, name)];
        return {
          quantity,
          name,
          distance: meanOf(own.map((value, index) => Math.abs(value - other[index]!))),
        };
      }),
    ],
  };
}

function pairsDistance(a: AnyRecord, b: AnyRecord): RecordDistance {
  const [one, other] = [a.pairStatistics, b.pairStatistics];
  const unequal = differing("presence of statistics", one === undefined, other === undefined);
  const pairs = apart("pairs", "pairs", a.pairs ?? 0, b.pairs ?? 0);
  if (one === undefined || other === undefined) return { distances: [pairs], unequal };
  return {
    unequal,
    distances: [
      pairs,
      apart("gold of pairs", "mean gold reward", one.goldMean, other.goldMean),
      apart("gold of pairs", "spread of gold reward", one.goldSd, other.goldSd),
      apart("gold of pairs", "gap in gold reward", one.goldGap, other.goldGap),
      apart("distinct", "distinct completions", one.distinct, other.distinct),
      apart("agreement", "agreement with gold", one.agreement ?? 0, other.agreement ?? 0),
    ],
  };
}

/** What `compare` finds of a value that both records have; nothing if one is older than the field. */
function inBoth<T, R>(a: T | undefined, b: T | undefined, compare: (a: T, b: T) => R[]): R[] {
  return a === undefined || b === undefined ? [] : compare(a, b);
}

function apart(quantity: Quantity, name: string, a: number, b: number): Distance {
  return { quantity, name, distance: Math.abs(a - b) };
}

/** The share of prompts with another value; values of the ledger have four decimals. */
function changed(name: string, a: readonly number[], b: readonly number[]): Distance {
  const others = a.filter((value, prompt) => Math.abs(value - b[prompt]!) > 1e-4);
  return { quantity: "changed rewards", name, distance: others.length / a.length };
}

function differing(name: string, a: unknown, b: unknown): string[] {
  return JSON.stringify(a) === JSON.stringify(b) ? [] : [name];
}

const meanOf = (values: readonly number[] = []) => (values.length === 0 ? 0 : mean(values));
