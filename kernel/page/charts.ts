/*!
 * The drawings of this folder's pages come alive by this file, which holds
 * Vega, Vega-Lite, vega-interpreter and vega-tooltip, (c) University of Washington Interactive Data Lab and
 * contributors, BSD-3-Clause, and parts of D3, (c) Mike Bostock, ISC.
 */
import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { Handler } from "vega-tooltip";

/** Numbers in tooltips have four digits, where a specification says nothing else. */
const CONFIG = { tooltipFormat: { numberFormat: ".4~g" } };

/** One tooltip for the page, in the page's own colours. */
const tooltip = new Handler({ id: "chart-tooltip", disableDefaultStyle: true, theme: "page" });

/** The Vega specification of a script element that holds Vega's or Vega-Lite's JSON. */
function specification(source: HTMLScriptElement): vega.Spec {
  const given = JSON.parse(source.textContent ?? "");
  return source.type.includes("vegalite") ? compile(given as TopLevelSpec, { config: CONFIG }).spec : given;
}

/** A drawing takes just the place of the still one, so that nothing moves: fonts differ by a pixel or two. */
function takePlace(live: SVGElement, still: SVGElement): void {
  for (const name of ["width", "height", "viewBox"])
    if (still.hasAttribute(name)) live.setAttribute(name, still.getAttribute(name)!);
  const { width, maxWidth, height } = still.style;
  Object.assign(live.style, { width, maxWidth, height });
  live.setAttribute("aria-hidden", "true");
}

/**
 * Draws a figure's specification over its still drawing, which stays for print. Expressions are interpreted and
 * never compiled, as the page's Content-Security-Policy asks.
 */
async function enliven(figure: HTMLElement, source: HTMLScriptElement, still: SVGElement): Promise<void> {
  const runtime = vega.parse(specification(source), undefined, { ast: true });
  const place = document.createElement("div");
  place.className = "live";
  const view = new vega.View(runtime, {
    renderer: "svg",
    container: place,
    hover: true,
    tooltip: tooltip.call,
    expr: expressionInterpreter,
  });
  await view.runAsync();
  takePlace(place.querySelector("svg")!, still);
  still.after(place);
  figure.classList.add("enlivened");
}

/** Draws every figure of the page that holds a specification; one that cannot be drawn keeps its still drawing. */
async function enlivenAll(): Promise<void> {
  for (const figure of document.querySelectorAll<HTMLElement>("figure")) {
    const source = figure.querySelector<HTMLScriptElement>(":scope > script[type$='+json']");
    const still = figure.querySelector<SVGElement>(":scope > svg");
    if (!source || !still) continue;
    await enliven(figure, source, still).catch((error) => console.error(figure.id, error));
    await new Promise((resolve) => setTimeout(resolve));
  }
}

void enlivenAll();
