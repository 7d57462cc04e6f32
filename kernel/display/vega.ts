import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { MimeBundle } from "./mime-bundle.ts";
import { isObject, method, property } from "./probe.ts";
import { visibleText } from "./visible.mjs";

/** The used method of a Vega view. */
interface View {
  toSVG(): Promise<string>;
}

interface Specification {
  $schema: string;
  title?: unknown;
  description?: unknown;
}

const SCHEMA = /\/(vega|vega-lite)\/v(\d+)(?:\.[\d.]+)?\.json/;

/** Whether a value is a specification of Vega or Vega-Lite, judged by its `$schema`. */
export function isSpecification(value: unknown): value is Specification {
  const schema = isObject(value) && property(value, "$schema");
  return typeof schema === "string" && SCHEMA.test(schema);
}

/** Whether a value is a Vega view. */
export const isView = (value: unknown): value is View =>
  isObject(value) && method(value, "toSVG") !== undefined && method(value, "runAsync") !== undefined;

/** The used functions of the packages vega and vega-lite, whose versions are not known. */
interface Drawing {
  // biome-ignore lint/suspicious/noExplicitAny: see above
  vega: any;
  // biome-ignore lint/suspicious/noExplicitAny: see above
  vegaLite: any;
}

// biome-ignore lint/suspicious/noExplicitAny: the version of the package is not known
async function importFromNotebook(name: string): Promise<any> {
  const from = createRequire(join(process.cwd(), "cell.cjs"));
  const loaded = await import(pathToFileURL(from.resolve(name)).href);
  return loaded.default && !loaded.View && !loaded.compile ? loaded.default : loaded;
}

/** The notebook's own vega, or else the one that is built into the kernel, next to this code. */
async function loadDrawing(lite: boolean): Promise<Drawing> {
  try {
    const vega = await importFromNotebook("vega");
    return { vega, vegaLite: lite ? await importFromNotebook("vega-lite") : undefined };
  } catch {
    const { default: built } = await import(new URL("./vega.cjs", import.meta.url).href);
    return built;
  }
}

/** The SVG image of a specification; undefined if that fails. */
async function drawSvg(specification: Specification, lite: boolean): Promise<string | undefined> {
  try {
    const { vega, vegaLite } = await loadDrawing(lite);
    const spec = lite ? vegaLite.compile(specification).spec : specification;
    const view = new vega.View(vega.parse(spec), { renderer: "none" });
    const svg = visibleText(await view.toSVG());
    view.finalize();
    return svg;
  } catch {
    return undefined;
  }
}

/** The text alternative of a specification: its description or title. */
function describe({ title, description }: Specification): string {
  const titleText = typeof title === "object" && title !== null ? (title as { text?: unknown }).text : title;
  const text = [description, titleText].find((one): one is string => typeof one === "string");
  return visibleText(text ?? "Chart");
}

/** An interactive chart for clients that support Vega, and an SVG image for others. */
export async function specificationBundle(specification: Specification): Promise<MimeBundle> {
  const match = SCHEMA.exec(specification.$schema);
  if (!match) throw new TypeError(`"${specification.$schema}" is not a schema of Vega or Vega-Lite.`);
  const [, kind, version] = match;
  const mime = `application/vnd.${kind === "vega" ? "vega" : "vegalite"}.v${version}+json`;
  const svg = await drawSvg(specification, kind === "vega-lite");
  return {
    [mime]: specification,
    ...(svg ? { "image/svg+xml": svg } : {}),
    "text/plain": describe(specification),
  };
}

/** The present state of a view as an SVG image. */
export async function viewBundle(view: View): Promise<MimeBundle> {
  return { "image/svg+xml": visibleText(await view.toSVG()), "text/plain": "Chart" };
}
