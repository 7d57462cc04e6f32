import { PADDING, type VegaLiteSpec } from "./theme.ts";

/** The room that a figure has. */
export interface Layout {
  /** Width in pixels of what is inside the card. */
  readonly width: number;
  /** Whether names go above what they name, since there is no room beside it. */
  readonly narrow: boolean;
}

/** The layout for the column of a report, 736 pixels wide. */
export const WIDE: Layout = { width: 720, narrow: false };
/** The layout for a phone, 374 pixels wide. */
export const NARROW: Layout = { width: 358, narrow: true };

/** Width in pixels of the whole card. */
export const cardWidth = ({ width }: Layout): number => width + 2 * PADDING;

const narrowLayouts = new WeakMap<VegaLiteSpec, VegaLiteSpec>();

/** A chart for the column of a report, of which `narrowLayoutOf` knows the layout for a phone. */
export function atBothWidths(draw: (layout: Layout) => VegaLiteSpec): VegaLiteSpec {
  const wide = draw(WIDE);
  narrowLayouts.set(wide, draw(NARROW));
  return wide;
}

/** The layout for a phone of a chart that `atBothWidths` made; undefined for any other object, such as a copy of it. */
export function narrowLayoutOf(spec: VegaLiteSpec): VegaLiteSpec | undefined {
  return narrowLayouts.get(spec);
}
