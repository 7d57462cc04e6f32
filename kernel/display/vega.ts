import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { MimeBundle } from "./jupyter.ts";
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
  const { $schema } = (value ?? {}) as Partial<Specification>;
  return typeof value === "object" && typeof $schema === "string" && SCHEMA.test($schema);
}

/** Whether a value is a Vega view. */
export function isView(value: unknown): value is View {
  const view = value as Record<string, unknown> | null;
  return (
    view !== null &&
    typeof view === "object" &&
    typeof view.toSVG === "function" &&
    typeof view.runAsync === "function"
  );
}

// biome-ignore lint/suspicious/noExplicitAny: the version of the package is not known
async function importFromNotebook(name: string): Promise<any> {
  const from = createRequire(join(process.cwd(), "cell.cjs"));
  const loaded = await import(pathToFileURL(from.resolve(name)).href);
  return loaded.default && !loaded.View && !loaded.compile ? loaded.default : loaded;
}

/** The SVG image of a specification, drawn by the vega installed for the notebook; undefined if that fails. */
async function drawSvg(specification: Specification, lite: boolean): Promise<string | undefined> {
  try {
    const vega = await importFromNotebook("vega");
    const spec = lite ? (await importFromNotebook("vega-lite")).compile(specification).spec : specification;
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
