/** Sizes of a run: a check of the pipeline, the experiment on two cores, or more seeds and prompts on a GPU. */
export const presets = ["smoke", "laptop", "gpu"] as const;
/** The name of a preset. */
export type Preset = (typeof presets)[number];

/** The preset with this name, default "laptop". Throws if there is none. */
export function presetNamed(name: string | undefined): Preset {
  const found = presets.find((preset) => preset === (name ?? "laptop"));
  if (found === undefined) {
    throw new Error(`There is no preset "${name}": choose one of ${presets.join(", ")}.`);
  }
  return found;
}
