import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { MimeBundle } from "./jupyter.ts";

/** A chart that vega draws by itself. */
interface View {
  toSVG(): Promise<string>;
}

interface Specification {
  $schema: string;
  title?: unknown;
  description?: unknown;
}

const pattern = /\/(vega|vega-lite)\/v(\d+)(?:\.[\d.]+)?\.json/;

/** Whether a value is a specification of Vega or Vega-Lite, by its `$schema`. */
export function isSpecification(value: unknown): value is Specification {
  const { $schema } = (value ?? {}) as Partial<Specification>;
  return typeof value === "object" && typeof $schema === "string" && pattern.test($schema);
}

/** Whether a value is a view of Vega. */
export function isView(value: unknown): value is View {
  const view = value as Record<string, unknown> | null;
  return (
    view !== null &&
    typeof view === "object" &&
    typeof view.toSVG === "function" &&
    typeof view.runAsync === "function"
  );
}

// biome-ignore lint/suspicious/noExplicitAny: a package of the notebook's own, whichever version it has
async function packageOf(name: string): Promise<any> {
  const from = createRequire(join(process.cwd(), "cell.cjs"));
  const loaded = await import(pathToFileURL(from.resolve(name)).href);
  return loaded.default && !loaded.View && !loaded.compile ? loaded.default : loaded;
}

/** A drawing of a specification by the notebook's own vega; undefined where it has none, or cannot draw it. */
async function drawing(specification: Specification, lite: boolean): Promise<string | undefined> {
  try {
    const vega = await packageOf("vega");
    const spec = lite ? (await packageOf("vega-lite")).compile(specification).spec : specification;
    const view = new vega.View(vega.parse(spec), { renderer: "none" });
    const svg = await view.toSVG();
    view.finalize();
    return svg;
  } catch {
    return undefined;
  }
}

/** What a specification says of itself in words. */
function words({ title, description }: Specification): string {
  const named = typeof title === "object" && title !== null ? (title as { text?: unknown }).text : title;
  const said = [description, named].find((text) => typeof text === "string");
  return (said as string | undefined) ?? "Chart";
}

/** An interactive chart for clients that draw it, a static one for all others. */
export async function specificationBundle(specification: Specification): Promise<MimeBundle> {
  const [, kind, version] = pattern.exec(specification.$schema)!;
  const mime = `application/vnd.${kind === "vega" ? "vega" : "vegalite"}.v${version}+json`;
  const svg = await drawing(specification, kind === "vega-lite");
  return {
    [mime]: specification,
    ...(svg ? { "image/svg+xml": svg } : {}),
    "text/plain": words(specification),
  };
}

/** A view's present state. */
export async function viewBundle(view: View): Promise<MimeBundle> {
  return { "image/svg+xml": await view.toSVG(), "text/plain": "Chart" };
}
