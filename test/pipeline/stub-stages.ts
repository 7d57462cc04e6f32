import { laboratory } from "../../src/experiments/laboratory.ts";
import { type ExecutionOptions, execute } from "../../src/pipeline/execute.ts";
import { inlinePool, type Pool } from "../../src/pipeline/pool.ts";
import type { PolicyStage } from "../../src/pipeline/stage.ts";
import { openStore } from "../../src/pipeline/store.ts";
import { tinyConfig } from "../tiny-config.ts";
import type { StubStage } from "./stub-kind.ts";

const { setting } = laboratory(tinyConfig, 3);
const stubStage = (name: string, policy?: PolicyStage): StubStage => ({
  kind: "stub",
  setting,
  name,
  policy,
});
const root = stubStage("root");

/** A stub, and one that starts from it. */
export const stubs = [root, stubStage("child", root)] as const;

/** Computes the stubs in a store's folder, by default in this process, without pauses. */
export async function computeStubs(
  folder: string,
  { pool = inlinePool(), lease }: { pool?: Pool; lease?: ExecutionOptions["lease"] } = {},
): Promise<void> {
  const store = openStore(folder, () => {});
  await execute(store, stubs, pool, () => {}, { look: 1, lease: { beat: 1, patience: 3, ...lease } });
}
