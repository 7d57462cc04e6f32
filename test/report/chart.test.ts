import { createRequire } from "node:module";
import { build } from "esbuild";
import { describe, expect, test } from "vitest";
import { visibleText } from "../../src/files/visible-text.ts";
import { chart } from "../../src/report/chart.ts";
import { display } from "../../src/report/display.ts";
import { cardWidth, WIDE } from "../../src/report/layout.ts";

const CARD = cardWidth(WIDE);

const spec = {
  title: "Two points",
  description: "a is 1, b is 2.",
  width: 200,
  height: 80,
  data: {
    values: [
      { name: 'a < b & "c"', value: 1 },
      { name: "b", value: 2 },
    ],
  },
  mark: { type: "point", clip: true },
  encoding: { x: { field: "value", type: "quantitative" }, y: { field: "name", type: "nominal" } },
};

describe("a chart's bundle", () => {
  test("has Vega-Lite, SVG and text", async () => {
    expect(display).toBe(Symbol.for("Jupyter.display"));
    const bundle = await chart(spec)[display]();
    expect(Object.keys(bundle)).toEqual(["application/vnd.vegalite.v5+json", "image/svg+xml", "text/plain"]);
    expect(bundle["text/plain"]).toBe("Two points. a is 1, b is 2.");
  });

  test("prefers the options' title and description", async () => {
    const named = chart(spec, { title: "A title", description: "What it shows." });
    expect((await named[display]())["text/plain"]).toBe("A title. What it shows.");
    expect(named.spec.description).toBe("What it shows.");
    expect(await named.svg()).toContain(">A title</title>");
  });
});

describe("a chart's SVG", () => {
  test("shows characters that are not seen, as do its title and description", async () => {
    const post = "a\u001b]0;t\u0007\u202eb";
    const drawn = chart(
      { ...spec, title: post, data: { values: [{ name: post, value: 1 }] } },
      { description: post },
    );
    const bundle = await drawn[display]();
    for (const kind of ["image/svg+xml", "text/plain"]) {
      const text = String(bundle[kind]);
      expect(text).toBe(visibleText(text));
      expect(text).toContain("a\\x1b]0;t\\x07\\u202eb");
    }
  });

  test("is the same each time, also if charts are drawn at once", async () => {
    const [first, other, second] = await Promise.all([
      chart(spec).svg(),
      chart({ ...spec, width: 210 }).svg(),
      chart(spec).svg(),
    ]);
    expect(second).toBe(first);
    expect(other).not.toBe(first);
  });

  test("is one labelled image and well formed", async () => {
    const svg = await chart(spec, { title: "x < y & z", description: "<b>" }).svg();
    const [, title, description] = /^<svg [^>]*role="img" aria-labelledby="(\S+) (\S+)"/.exec(svg) ?? [];
    expect(svg).toContain(`<title id="${title}">x &lt; y &amp; z</title>`);
    expect(svg).toContain(`<desc id="${description}">&lt;b&gt;</desc>`);
    expect(svg).toContain("a &lt; b &amp; ");
    expect(svg.match(/role=/g)).toHaveLength(1);
    const open: string[] = [];
    for (const [tag, slash, name = ""] of svg.matchAll(/<(\/?)([a-zA-Z]+)(?:[^<>"]|"[^"]*")*>/g)) {
      if (slash) expect(open.pop()).toBe(name);
      else if (!tag.endsWith("/>")) open.push(name);
    }
    expect(open).toEqual([]);
  });

  test("refers to no other file", async () => {
    const svg = await chart(spec).svg();
    expect(svg).not.toMatch(/<(?:image|script|style|foreignObject|use)\b|@import|href=/);
    expect(svg.match(/https?:[^"]*/g)).toEqual([
      "http://www.w3.org/2000/svg",
      "http://www.w3.org/1999/xlink",
    ]);
  });

  test("shares no id with another figure on the same page", async () => {
    const ids = (svg: string) => [...svg.matchAll(/ id="([^"]+)"/g)].map(([, id]) => id);
    const first = ids(await chart(spec).svg());
    const other = ids(await chart({ ...spec, height: 81 }).svg());
    expect(first.length).toBeGreaterThan(2);
    expect(new Set([...first, ...other]).size).toBe(first.length + other.length);
    const svg = await chart(spec).svg();
    for (const [, id] of svg.matchAll(/url\(#([^)]+)\)/g)) expect(ids(svg)).toContain(id);
  });

  test("is a card that scales with the page", async () => {
    const svg = await chart(spec).svg();
    expect(svg).toMatch(new RegExp(`viewBox="0 0 ${CARD} \\d+"`));
    expect(svg).toMatch(new RegExp(`<rect width="${CARD}" rx="8" height="\\d+" fill="#ffffff"/>`));
    expect(svg).toContain("width:100%");
    expect(svg).toContain("system-ui");
  });

  test("fails if the specification is not valid", async () => {
    await expect(chart({ mark: "point", encoding: 3, nonsense: true, data: null }).svg()).resolves.toContain(
      "<svg",
    );
    await expect(chart({ nonsense: true }).svg()).rejects.toThrow(/specification|mark|spec/i);
  });
});

test("the module works as a CommonJS bundle", async () => {
  const {
    outputFiles: [bundle],
  } = await build({
    entryPoints: ["src/report/chart.ts"],
    bundle: true,
    write: false,
    platform: "node",
    format: "cjs",
    packages: "external",
  });
  const module = { exports: {} as { chart: typeof chart } };
  new Function("module", "exports", "require", String(bundle?.text))(
    module,
    module.exports,
    createRequire(import.meta.url),
  );
  expect(await module.exports.chart(spec).svg()).toBe(await chart(spec).svg());
});
