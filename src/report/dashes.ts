/** Dash patterns by what they tell apart: colours that some readers cannot distinguish, in light or in dark. */
const BY_COLOUR: Readonly<Record<string, readonly number[]>> = {
  "#666666": [2, 3],
  "#332288": [8, 3],
  "#00966e": [10, 3, 2, 3],
  "#a0007c": [4, 2],
  "#7a3db8": [12, 3],
  "#5f6b00": [5, 3, 1, 3],
  "#8a5ba6": [3, 2],
};
/** Patterns of arms with the colour of another. */
const BY_ID: Readonly<Record<string, readonly number[]>> = { "dpo-reanchored": [6, 2, 2, 2, 2, 2] };

/** The dash pattern of the lines of an arm, a scorer or a colour: the second cue beside the colour. Empty for solid. */
export function dashOf({ colour, id = "" }: { readonly colour: string; readonly id?: string }): number[] {
  return [...(BY_ID[id.split("@")[0] ?? ""] ?? BY_COLOUR[colour] ?? [])];
}
