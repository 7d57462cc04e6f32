import { createHash } from "node:crypto";
import * as vega from "vega";
import * as vegaLite from "vega-lite";
import { visibleText } from "../files/visible-text.ts";
import { followBackground } from "./dark.ts";
import { shareRows } from "./datasets.ts";
import { display, type MimeBundle } from "./display.ts";
import { cardWidth, type Layout, NARROW, narrowLayoutOf, WIDE } from "./layout.ts";
import { withTextMetrics } from "./text-metrics.ts";
import { PADDING, themed, type VegaLiteSpec } from "./theme.ts";

/** A chart's text for viewers that show no figure. */
export interface ChartText {
  /** A short name; by default the specification's title. */
  readonly title?: string;
  /** Alternative text; by default the specification's description. */
  readonly description?: string;
}

/** A figure that notebooks can display. */
export interface Chart {
  readonly spec: VegaLiteSpec;
  /** The figure as a self-contained SVG document. */
  svg(): Promise<string>;
  /** Vega-Lite for interactive viewers, SVG for static ones, SVGs without headings for reports, and text. */
  [display](): Promise<MimeBundle>;
}

/** A Vega-Lite 5 specification in the theme of this paper, for `show` or as the last expression of a cell. */
export function chart(spec: VegaLiteSpec, text: ChartText = {}): Chart {
  const title = visibleText(text.title ?? titleOf(spec) ?? "Chart");
  const description = visibleText(
    text.description ?? (typeof spec.description === "string" ? spec.description : ""),
  );
  const named = { title, description };
  const complete = (one: VegaLiteSpec) => themed({ ...one, description: description || title });
  const full = complete(spec);
  const narrow = narrowLayoutOf(spec);
  const svg = () => renderSvg(full, named);
  return {
    spec: full,
    svg,
    async [display]() {
      return {
        "application/vnd.vegalite.v5+json": interactive(full, narrow && complete(narrow)),
        "image/svg+xml": await svg(),
        ...(narrow && {
          // Reports write the heading into the caption, and show the layout that fits the screen.
          "image/svg+xml;layout=wide": await renderSvg(withoutTitle(full), named, WIDE),
          "image/svg+xml;layout=narrow": await renderSvg(withoutTitle(complete(narrow)), named, NARROW),
        }),
        "text/plain": description ? `${title}. ${description}` : title,
      };
    },
  };
}

/** For viewers that draw Vega-Lite themselves: colours follow the background, and `usermeta.narrow` is for phones. */
function interactive(wide: VegaLiteSpec, narrow: VegaLiteSpec | undefined): VegaLiteSpec {
  if (narrow === undefined) return followBackground(wide);
  const { specs, datasets } = shareRows([wide, withoutTitle(narrow)].map(followBackground));
  const [first = {}, second = {}] = specs;
  return { ...first, datasets, usermeta: { narrow: second } };
}

function withoutTitle({ title: _, ...rest }: VegaLiteSpec): VegaLiteSpec {
  return rest;
}

function titleOf(spec: VegaLiteSpec): string | undefined {
  const title = spec.title as string | string[] | { text?: string | string[] } | undefined;
  const text = typeof title === "object" && !Array.isArray(title) ? title.text : title;
  return Array.isArray(text) ? text.join(" ") : text;
}

/**
 * Renders `spec` without a browser. The SVG is the same for the same specification on every machine, refers to no other
 * file, scales with the width of the page, and holds `title` and `description` for screen readers. Characters that are
 * not seen are shown as escapes.
 * Throws Vega-Lite's error if the specification is not valid.
 */
export async function renderSvg(
  spec: VegaLiteSpec,
  { title = "", description = "" }: ChartText = {},
  layout: Layout = WIDE,
): Promise<string> {
  const svg = await withTextMetrics(async () => {
    // A copy, because Vega adds properties to the rows it draws.
    const compiled = vegaLite.compile(structuredClone(spec) as unknown as vegaLite.TopLevelSpec).spec;
    const view = new vega.View(vega.parse(compiled), { renderer: "none" });
    try {
      return await view.toSVG();
    } finally {
      view.finalize();
    }
  });
  return visibleText(finish(svg, spec, { title, description }, cardWidth(layout)));
}

const TAG = /<[^"'<>]*(?:"[^"]*"[^"'<>]*)*>/g;
const FONT_ATTRIBUTE = / font-family="[^"]*"/g;
/** How Vega draws a circle at the origin. */
const CIRCLE =
  /<path transform="translate\(([-\d.]+),([-\d.]+)\)" d="M([\d.]+),0A\3,\3,0,1,1,-\3,0A\3,\3,0,1,1,\3,0"/g;

/** Vega's SVG with one accessible name, a rounded card, short numbers, and ids that are unique on a page. */
function finish(
  svg: string,
  spec: VegaLiteSpec,
  { title, description }: Required<ChartText>,
  card: number,
): string {
  const name = `chart-${createHash("sha256")
    .update(JSON.stringify([spec, title, card]))
    .digest("hex")
    .slice(0, 10)}`;
  const size = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg);
  if (!size) throw new Error("Vega's SVG has no viewBox, so its size is unknown.");
  const width = Math.max(Number(size[1]), card);
  const height = Number(size[2]);
  const ids = new Map<string, string>();
  const renamed = (id: string) => {
    const unique = ids.get(id) ?? `${name}-${ids.size}`;
    ids.set(id, unique);
    return unique;
  };
  const ownFont = svg.match(FONT_ATTRIBUTE)?.[0] ?? "";
  const body = svg
    .slice(svg.indexOf(">") + 1)
    .replace(TAG, (tag) =>
      tag
        .replace(/ (?:role|pointer-events|aria-[a-z]+)="[^"]*"/g, "")
        .replace(/ id="([^"]*)"/g, (_, id: string) => ` id="${renamed(id)}"`)
        .replace(/url\(#([^)]*)\)/g, (_, id: string) => `url(#${renamed(id)})`)
        .replace(/ (?:d|transform)="[^"]*"/g, (numbers) => numbers.replace(/-?\d+\.\d{2,}/g, shorter)),
    )
    .replace(MARKS, withSharedAttributes)
    .replace(CIRCLE, '<circle cx="$1" cy="$2" r="$3"')
    .replace(FONT_ATTRIBUTE, (font) => (font === ownFont ? "" : font))
    .replace(/<path class="(?:back|fore)ground" d="(?:M0,0h0v0h0Z)?"(?: display="none")?\/>/g, "")
    .replace(/^<rect width="[^"]*"/, `<rect width="${width}" rx="${PADDING}"`);
  const labels = `${name}-title${description ? ` ${name}-description` : ""}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" ` +
    `aria-labelledby="${labels}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"${ownFont} ` +
    `style="width:100%;max-width:${card < cardWidth(WIDE) ? Math.round(1.3 * width) : width}px;height:auto">` +
    `<title id="${name}-title">${escapeXml(title)}</title>` +
    (description ? `<desc id="${name}-description">${escapeXml(description)}</desc>` : "") +
    body
  );
}

/** A group of marks without groups inside. */
const MARKS = /<g ([^<>]*)>((?:<(?:path|line|rect|text)\b(?:[^<>"]|"[^"]*")*(?:\/>|>[^<]*<\/\w+>))+)<\/g>/g;
/** Attributes that marks inherit from their group. */
const INHERITED = [
  "fill",
  "stroke",
  "stroke-width",
  "font-size",
  "font-weight",
  "text-anchor",
  "stroke-dasharray",
];

/** The group with what all its marks share said once, which makes figures smaller. */
function withSharedAttributes(group: string, own: string, marks: string): string {
  const tags = marks.match(/<[a-z](?:[^<>"]|"[^"]*")*>/g) ?? [];
  const shared = INHERITED.map((name) => new RegExp(` ${name}="[^"]*"`).exec(tags[0] ?? "")?.[0]).filter(
    (attribute) => attribute !== undefined && tags.every((tag) => tag.includes(attribute)),
  ) as string[];
  if (tags.length < 2 || shared.length === 0) return group;
  const shortened = marks.replace(/<[a-z](?:[^<>"]|"[^"]*")*>/g, (tag) =>
    shared.reduce((rest, attribute) => rest.replace(attribute, ""), tag),
  );
  return `<g ${own}${shared.join("")}>${shortened}</g>`;
}

const shorter = (number: string) => String(Math.round(Number(number) * 10) / 10);

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
