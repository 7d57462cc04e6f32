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

/** The Vega specification in a script element with the JSON of Vega or Vega-Lite. */
function readSpecification(source: HTMLScriptElement): vega.Spec {
  const json = JSON.parse(source.textContent ?? "");
  return source.type.includes("vegalite") ? compile(json as TopLevelSpec, { config: CONFIG }).spec : json;
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
  live.setAttribute("aria-hidden", "true");
}

/**
 * Shows an interactive chart in place of a figure's static one, which is kept for print. Vega's expressions are
 * interpreted, since the page's Content-Security-Policy forbids `eval`.
 */
async function makeInteractive(
  figure: HTMLElement,
  source: HTMLScriptElement,
  still: SVGElement,
): Promise<void> {
  const runtime = vega.parse(readSpecification(source), undefined, { ast: true });
  const container = document.createElement("div");
  container.className = "live";
  const view = new vega.View(runtime, {
    renderer: "svg",
    container,
    hover: true,
    tooltip: tooltip.call,
    expr: expressionInterpreter,
  });
  await view.runAsync();
  const live = container.querySelector("svg");
  if (live) copySize(live, still);
  still.after(container);
  figure.classList.add("enlivened");
}

/** Makes every figure with a specification interactive. If one cannot be drawn, its static chart stays. */
async function makeAllInteractive(): Promise<void> {
  for (const figure of document.querySelectorAll<HTMLElement>("figure")) {
    const source = figure.querySelector<HTMLScriptElement>(":scope > script[type$='+json']");
    const still = figure.querySelector<SVGElement>(":scope > svg");
    if (!source || !still) continue;
    await makeInteractive(figure, source, still).catch((error) => console.error(figure.id, error));
    await new Promise((resolve) => setTimeout(resolve));
  }
}

void makeAllInteractive();
