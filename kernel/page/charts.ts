/*!
 * Makes the charts of the pages in this folder interactive. Contains
 * Vega, Vega-Lite, vega-interpreter and vega-tooltip, (c) University of Washington Interactive Data Lab and
 * contributors, BSD-3-Clause, and parts of D3, (c) Mike Bostock, ISC.
 */
import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { Handler } from "vega-tooltip";

/** The default number format of tooltips: four significant digits. */
const CONFIG = { tooltipFormat: { numberFormat: ".4~g" } };

/** The tooltip of all charts, styled by the page. */
const tooltip = new Handler({ id: "chart-tooltip", disableDefaultStyle: true, theme: "page" });

/** Screens on which the page shows the narrow layout of charts. report.css has the same width. */
const narrowScreen = matchMedia("screen and (max-width: 44rem)");

type Json = Record<string, unknown>;

/** The JSON in a script element, which may be compressed: then it is a string with the compressed JSON. */
async function readSpecification(source: HTMLScriptElement): Promise<Json> {
  const json = JSON.parse(source.textContent ?? "");
  if (!("packed" in source.dataset)) return json;
  const bytes = Uint8Array.from(atob(json), (character) => character.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return JSON.parse(await new Response(unpacked).text());
}

/** The specification for a layout of a chart, without the heading if the page has it in the caption. */
function layoutOf(specification: Json, { narrow, captioned }: { narrow: boolean; captioned: boolean }): Json {
  const { narrow: other } = (specification.usermeta ?? {}) as { narrow?: Json };
  const { title, ...rest } =
    narrow && other
      ? { $schema: specification.$schema, datasets: specification.datasets, ...other }
      : specification;
  return captioned || title === undefined ? rest : { ...rest, title };
}

/** The specification in Vega of the JSON of Vega or Vega-Lite. */
function compiled(type: string, specification: Json): vega.Spec {
  return type.includes("vegalite")
    ? compile(specification as unknown as TopLevelSpec, { config: CONFIG }).spec
    : (specification as vega.Spec);
}

/**
 * Gives the live chart the exact size of the static one, so that the page does not move. Their own sizes differ by a
 * pixel or two because fonts do.
 */
function copySize(live: SVGElement, still: SVGElement): void {
  for (const name of ["width", "height", "viewBox"]) {
    const value = still.getAttribute(name);
    if (value !== null) live.setAttribute(name, value);
  }
  const { width, maxWidth, height } = still.style;
  Object.assign(live.style, { width, maxWidth, height });
}

/** The live chart as one image with the name of the static one, for screen readers. */
function asImage(live: SVGElement, still: SVGElement): HTMLElement {
  const image = document.createElement("div");
  image.setAttribute("role", "img");
  image.setAttribute("aria-label", still.getAttribute("aria-label") ?? "Chart");
  live.setAttribute("aria-hidden", "true");
  image.append(live);
  return image;
}

/** The static picture of a figure that belongs to a layout; a figure with one layout has one picture. */
function stillOf(figure: HTMLElement, narrow: boolean): SVGElement | null {
  return (
    figure.querySelector<SVGElement>(`:scope > svg${narrow ? ".narrow" : ".wide"}`) ??
    figure.querySelector<SVGElement>(":scope > svg")
  );
}

/**
 * Shows an interactive chart, below its sliders, in place of a figure's static one, which is kept for print. Vega's
 * expressions are interpreted, since the page's Content-Security-Policy forbids `eval`. Returns the drawn chart.
 */
async function draw(
  container: HTMLElement,
  figure: HTMLElement,
  source: HTMLScriptElement,
  moved: Readonly<Record<string, unknown>>,
): Promise<vega.View> {
  const narrow = narrowScreen.matches;
  const still = stillOf(figure, narrow);
  const captioned = figure.querySelector(":scope > svg.wide") !== null;
  const specification = layoutOf(await readSpecification(source), { narrow, captioned });
  const runtime = vega.parse(compiled(source.type, specification), undefined, { ast: true });
  const controls = document.createElement("div");
  controls.className = "controls";
  const drawing = document.createElement("div");
  const view = new vega.View(runtime, {
    renderer: "svg",
    container: drawing,
    bind: controls,
    hover: true,
    tooltip: tooltip.call,
    expr: expressionInterpreter,
  });
  for (const [name, value] of Object.entries(moved)) view.signal(name, value);
  await view.runAsync();
  const live = drawing.querySelector("svg");
  if (!live || !still) throw new Error("The chart or its static picture is missing.");
  copySize(live, still);
  if (captioned) live.style.removeProperty("background-color"); // The page is its card.
  container.replaceChildren(controls, asImage(live, still));
  return view;
}

/** Where the sliders of a chart stand, by the names of their parameters. */
function movedTo(container: HTMLElement): Record<string, number> {
  const sliders = container.querySelectorAll<HTMLInputElement>(".controls input[type='range']");
  return Object.fromEntries([...sliders].map(({ name, value }) => [name, Number(value)]));
}

async function makeInteractive(figure: HTMLElement, source: HTMLScriptElement): Promise<void> {
  const container = document.createElement("div");
  container.className = "live";
  let view = await draw(container, figure, source, {});
  stillOf(figure, true)?.after(container);
  figure.classList.add("enlivened");
  narrowScreen.addEventListener("change", async () => {
    const before = view;
    view = await draw(container, figure, source, movedTo(container));
    before.finalize();
  });
}

/** Makes every figure with a specification interactive. If one cannot be drawn, its static chart stays. */
async function makeAllInteractive(): Promise<void> {
  for (const figure of document.querySelectorAll<HTMLElement>("figure")) {
    const source = figure.querySelector<HTMLScriptElement>(":scope > script[type$='+json']");
    if (!source || !stillOf(figure, false)) continue;
    await makeInteractive(figure, source).catch((error) => console.error(figure.id, error));
    await new Promise((resolve) => setTimeout(resolve));
  }
}

void makeAllInteractive();
