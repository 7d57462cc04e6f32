import { createHash } from "node:crypto";
import * as vega from "vega";
import * as vegaLite from "vega-lite";
import { CARD, textWidth, themed, type VegaLiteSpec } from "./theme.ts";

export interface ChartText {
  /** What the figure is, in a few words; by default the specification's own title. */
  readonly title?: string;
  /** What it shows, for those who cannot see it; by default the specification's own description. */
  readonly description?: string;
}

/** The property through which notebooks ask a value how it is shown. */
export const display: unique symbol = Symbol.for("Jupyter.display");

export interface MimeBundle {
  readonly [type: string]: unknown;
}

export interface Chart {
  readonly spec: VegaLiteSpec;
  /** The figure as a self-contained SVG document. */
  svg(): Promise<string>;
  /** What a notebook shows: live where it draws Vega-Lite, SVG elsewhere, text where nothing is drawn. */
  [display](): Promise<MimeBundle>;
}

/*
 * Without a canvas Vega takes every character to be 0.8 em wide, and where the optional canvas package is
 * installed layouts depend on the machine's fonts. Our own estimate is close and the same everywhere.
 */
interface TextItem {
  readonly fontSize?: number;
  readonly fontWeight?: number | string;
}
const { textMetrics } = vega as unknown as {
  textMetrics: { width: (item: TextItem, text: string) => number };
};
textMetrics.width = (item, text) => textWidth(text ?? "", item.fontSize ?? 11, item.fontWeight);

/**
 * A Vega-Lite 5 specification as something that a notebook shows, in the house theme. The last expression
 * of a cell may be `chart(spec)`.
 */
export function chart(spec: VegaLiteSpec, text: ChartText = {}): Chart {
  const title = text.title ?? titleOf(spec) ?? "Chart";
  const description = text.description ?? (typeof spec.description === "string" ? spec.description : "");
  const full = themed({ ...spec, description: description || title });
  const svg = () => renderSvg(full, { title, description });
  return {
    spec: full,
    svg,
    async [display]() {
      return {
        "application/vnd.vegalite.v5+json": full,
        "image/svg+xml": await svg(),
        "text/plain": description ? `${title}. ${description}` : title,
      };
    },
  };
}

function titleOf(spec: VegaLiteSpec): string | undefined {
  const title = spec.title as string | string[] | { text?: string | string[] } | undefined;
  const text = typeof title === "object" && !Array.isArray(title) ? title.text : title;
  return Array.isArray(text) ? text.join(" ") : text;
}

/**
 * Draws `spec` without a browser. The document is the same for the same specification, needs no other file,
 * scales with the width of the page, and carries `title` and `description` for screen readers.
 * Throws what Vega-Lite throws where the specification is wrong.
 */
export async function renderSvg(
  spec: VegaLiteSpec,
  { title = "", description = "" }: ChartText = {},
): Promise<string> {
  // Vega marks the rows that it draws, so it gets a copy.
  const compiled = vegaLite.compile(structuredClone(spec) as unknown as vegaLite.TopLevelSpec).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none" });
  try {
    return finish(await view.toSVG(), spec, title, description);
  } finally {
    view.finalize();
  }
}

const TAG = /<[^"'<>]*(?:"[^"]*"[^"'<>]*)*>/g;

/** Vega's SVG with one accessible name, a rounded card, short numbers, and ids that no other figure uses. */
function finish(svg: string, spec: VegaLiteSpec, title: string, description: string): string {
  const name = `chart-${createHash("sha256")
    .update(JSON.stringify([spec, title]))
    .digest("hex")
    .slice(0, 10)}`;
  const size = /viewBox="0 0 ([\d.]+) ([\d.]+)"/.exec(svg);
  if (!size) throw new Error("Vega gave an SVG without a viewBox, so its size is not known.");
  const width = Math.max(Number(size[1]), CARD);
  const height = Number(size[2]);
  const ids = new Map<string, string>();
  const renamed = (id: string) => {
    if (!ids.has(id)) ids.set(id, `${name}-${ids.size}`);
    return ids.get(id)!;
  };
  const body = svg
    .slice(svg.indexOf(">") + 1)
    .replace(TAG, (tag) =>
      tag
        .replace(/ (?:role|pointer-events|aria-[a-z]+)="[^"]*"/g, "")
        .replace(/ id="([^"]*)"/g, (_, id: string) => ` id="${renamed(id)}"`)
        .replace(/url\(#([^)]*)\)/g, (_, id: string) => `url(#${renamed(id)})`)
        .replace(/ (?:d|transform)="[^"]*"/g, (numbers) => numbers.replace(/-?\d+\.\d{2,}/g, shorter)),
    )
    .replace(/<path class="(?:back|fore)ground" d="(?:M0,0h0v0h0Z)?"(?: display="none")?\/>/g, "")
    .replace(/^<rect width="[^"]*"/, `<rect width="${width}" rx="8"`);
  const labels = `${name}-title${description ? ` ${name}-description` : ""}`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img" ` +
    `aria-labelledby="${labels}" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" ` +
    `style="width:100%;max-width:${Math.round(1.2 * width)}px;height:auto">` +
    `<title id="${name}-title">${escapeXml(title)}</title>` +
    (description ? `<desc id="${name}-description">${escapeXml(description)}</desc>` : "") +
    body
  );
}

const shorter = (number: string) => String(Math.round(Number(number) * 100) / 100);

const escapeXml = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
