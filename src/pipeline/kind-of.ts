import * as kinds from "./kinds.ts";
import type { Stage } from "./stage.ts";
import type { StageKind } from "./stage-inputs.ts";

const byName: Readonly<Record<string, unknown>> = { ...kinds };

/** The kind of a stage. Throws if there is none of that name. */
export function kindOf<S extends Stage>({ kind }: S): StageKind<S> {
  if (Object.hasOwn(byName, kind)) return byName[kind] as StageKind<S>;
  throw new Error(`There is no kind of stage "${kind}"; there are ${Object.keys(byName).join(", ")}.`);
}
