/** How large a run is: a check of the pipeline, the real experiment on two cores, or more of it on a card. */
export const presets = ["smoke", "laptop", "gpu"] as const;
export type Preset = (typeof presets)[number];

/** The preset named `name`, "laptop" where none is named. Throws where there is no such preset. */
export function presetNamed(name: string | undefined): Preset {
  const found = presets.find((preset) => preset === (name ?? "laptop"));
  if (found === undefined) {
    throw new Error(`There is no preset "${name}": choose one of ${presets.join(", ")}.`);
  }
  return found;
}
