import { isUserCode } from "../files/user-code.ts";
import { codeDigest } from "./code.ts";
import { platform } from "./platform.ts";
import { sharedInputs } from "./shared-stages.ts";
import { identity, idOf, isStage, parents, type Stage } from "./stage.ts";

/* What a stage is computed from, and its name in the run store, which covers all that determines its bytes. */

/** All stages whose results a stage is computed from: its parents, and what it shares with others. */
export function inputsOf(stage: Stage): Stage[] {
  return [...parents(stage), ...sharedInputs(stage)];
}

/**
 * `stages` and all that they are computed from, shared stages included, each once, inputs first. `name` says which stages
 * are the same: `definitionId` does so without looking at this machine's device.
 */
export function withAncestors(stages: readonly Stage[], name: (stage: Stage) => string = stageId): Stage[] {
  const found = new Map<string, Stage>();
  const visit = (stage: Stage) => {
    const id = name(stage);
    if (found.has(id)) return;
    inputsOf(stage).forEach(visit);
    found.set(id, stage);
  };
  stages.forEach(visit);
  return [...found.values()];
}

/**
 * A stage's name in the run store: kind, seed and a hash of what determines the bytes of its result. Throws if the code
 * of its task cannot be found.
 */
export function stageId(stage: Stage): string {
  return idOf(stage, determining(stage));
}

/** What a stage's id is a hash of: the digest of its code, how this platform rounds, and the hash of the stage's data. */
export function determining(stage: Stage): readonly [code: string, platform: string, data: string] {
  return [codeOf(stage), platform(), identity(stage)];
}

/** The digest of the code that computes a stage and its ancestors, 16 hexadecimal digits; "source" in tests. */
export function codeOf(stage: Stage): string {
  return codeDigest(codeParts(stage));
}

const partsByStage = new WeakMap<Stage, ReadonlySet<string>>();

/** The parts of the code that compute a stage and its ancestors. Cached: stages are never modified. */
function codeParts(stage: Stage): ReadonlySet<string> {
  let parts = partsByStage.get(stage);
  if (parts === undefined) {
    const { task } = stage.setting;
    parts = new Set([
      `kind ${stage.kind}`,
      ...("code" in task ? [] : [`task ${task.name}`]),
      ...(hasUserCode(stage) ? ["library"] : []),
      ...inputsOf(stage).flatMap((input) => [...codeParts(input)]),
    ]);
    partsByStage.set(stage, parts);
  }
  return parts;
}

/** Whether a stage names code of the user's own, which may import anything from the library; its ancestors apart. */
export function hasUserCode(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  return isUserCode(value) || Object.values(value).some((part) => !isStage(part) && hasUserCode(part));
}
