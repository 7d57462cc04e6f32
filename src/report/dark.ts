import { HAIRLINE, PAPER, type VegaLiteSpec } from "./theme.ts";

/*
 * Figures in the dark. Reports draw them with the filter below; JupyterLab draws Vega-Lite itself and gives it a dark
 * background in its dark theme, on which the same colours are used, so that an arm looks the same in both. A chart keeps
 * one set of colours; those for the dark follow from it.
 */

/** The filter of reports: lightness is inverted, hues are kept. */
const INVERT = 0.91;
/** `hue-rotate(180deg)` of CSS Filter Effects. */
const HALF_TURN = [
  [-0.574, 1.43, 0.144],
  [0.426, 0.43, 0.144],
  [0.426, 1.43, -0.856],
] as const;

/** What a colour, given as #rrggbb, becomes by `invert(0.91) hue-rotate(180deg)`. */
export function onDark(colour: string): string {
  const channels = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = channels.map((value) => INVERT * (1 - value) + (1 - INVERT) * value);
  const byte = (value: number) => Math.round(255 * Math.min(1, Math.max(0, value)));
  const turned = HALF_TURN.map(([r, g, b]) => byte(r * red + g * green + b * blue));
  return `#${turned.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

/** The background of charts in JupyterLab's dark theme. */
const JUPYTERLAB = "#333333";
/** The least contrast of text. */
const TEXT_CONTRAST = 4.5;

/** The relative luminance of a colour (WCAG 2.1). */
function luminance(colour: string): number {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const value = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** `onDark` for text, lightened until it can be read in JupyterLab's dark theme. */
export function inkOnDark(colour: string): string {
  let ink = onDark(colour);
  while ((luminance(ink) + 0.05) / (luminance(JUPYTERLAB) + 0.05) < TEXT_CONTRAST) {
    const channels = [1, 3, 5].map((at) => Number.parseInt(ink.slice(at, at + 2), 16));
    ink = `#${channels
      .map((value) =>
        Math.min(255, value + 4)
          .toString(16)
          .padStart(2, "0"),
      )
      .join("")}`;
  }
  return ink;
}

/** The signal of a chart that tells whether its background is dark. Undefined backgrounds are light. */
const DARK = { name: "dark", expr: "isString(background) && luminance(background) < 0.4" };

const isColour = (value: unknown): value is string =>
  typeof value === "string" && /^#[0-9a-f]{6}$/i.test(value);

/** What is no mark on a dark background: the rim around marks is the background, and grid lines are a little lighter. */
const BEHIND: Readonly<Record<string, string>> = { [PAPER]: "background", [HAIRLINE]: "'#4c4c4c'" };

/** An expression for a colour on the background of the moment. */
const either = (colour: string) => ({
  expr: `dark ? ${BEHIND[colour] ?? `'${inkOnDark(colour)}'`} : '${colour}'`,
});

type Json = { readonly [key: string]: unknown };
const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null;

/** Whether an encoding takes colours from the data as they are. */
const takesColours = (value: unknown): value is { readonly field: keyof typeof TABLES } =>
  isObject(value) && value.scale === null && (value.field === "colour" || value.field === "ink");

/** The parameters with the colours for the dark of the colours in rows. */
const TABLES = { colour: "darkColours", ink: "darkInks" } as const;

/** Properties that hold data, not marks. */
const DATA = new Set(["data", "datasets", "usermeta"]);

/**
 * The chart with colours that follow its background, for a viewer that gives one: the configuration has none, so that the
 * viewer's counts.
 */
export function followBackground(spec: VegaLiteSpec): VegaLiteSpec {
  const { config, params, ...rest } = spec as Json & { config?: Json; params?: unknown[] };
  const { background: _, ...ownConfig } = config ?? {};
  const tableOf = (field: string, dark: (colour: string) => string) =>
    Object.fromEntries([...rowColours(rest, field)].sort().map((one) => [one, dark(one)]));
  return {
    ...(rewritten(rest) as Json),
    params: [
      DARK,
      { name: TABLES.colour, value: tableOf("colour", onDark) },
      { name: TABLES.ink, value: tableOf("ink", inkOnDark) },
      ...(params ?? []),
    ],
    config: rewritten(ownConfig) as Json,
  };
}

function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (isColour(value)) return either(value);
  if (!isObject(value)) return value;
  const entries = Object.entries(value).map(([key, inner]) => [
    key,
    DATA.has(key) ? inner : rewritten(inner),
  ]);
  const copied = Object.fromEntries(entries) as Json;
  const fields = isObject(value.encoding) ? Object.values(value.encoding).filter(takesColours) : [];
  if (fields.length === 0) return copied;
  const looked = [...new Set(fields.map(({ field }) => field))].map((field) => ({
    calculate: `dark && ${TABLES[field]}[datum.${field}] || datum.${field}`,
    as: field,
  }));
  return { ...copied, transform: [...((value.transform as unknown[] | undefined) ?? []), ...looked] };
}

/** The colours in a field of the rows of a chart. */
function rowColours(value: unknown, field: string, found = new Set<string>()): Set<string> {
  if (Array.isArray(value)) for (const one of value) rowColours(one, field, found);
  else if (isObject(value))
    for (const [key, inner] of Object.entries(value)) {
      if (key === field && isColour(inner)) found.add(inner);
      else rowColours(inner, field, found);
    }
  return found;
}
