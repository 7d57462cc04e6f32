/** Dash patterns by what they tell apart: colours that some readers cannot distinguish, in light or in dark. */
const BY_COLOUR: Readonly<Record<string, readonly number[]>> = {
  "#666666": [2, 3],
  "#332288": [8, 3],
  "#00966e": [10, 3, 2, 3],
  "#a0007c": [4, 2],
  "#7a3db8": [12, 3],
  "#5f6b00": [5, 3, 1, 3],
  "#8a5ba6": [3, 2],
  "#0b4126": [14, 3, 4, 3],
};
/** Patterns of arms and scorers with the colour of another, with their variants. */
const BY_ID: readonly (readonly [id: string, pattern: readonly number[]])[] = [
  ["dpo-reanchored", [6, 2, 2, 2, 2, 2]],
  ["dpo@trained as the RM", [2, 2, 8, 2]],
];

/** The dash pattern of the lines of an arm, a scorer or a colour: the second cue beside the colour. Empty for solid. */
export function dashOf({ colour, id = "" }: { readonly colour: string; readonly id?: string }): number[] {
  const [, own] =
    BY_ID.find(([start]) => id === start || id.startsWith(`${start}@`) || id.startsWith(`${start},`)) ?? [];
  return [...(own ?? BY_COLOUR[colour] ?? [])];
}
