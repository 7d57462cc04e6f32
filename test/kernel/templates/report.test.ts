import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const folder = resolve(import.meta.dirname, "..", "..", "..", "kernel", "templates", "report");
const files = readdirSync(folder);
const text = (name: string) => readFileSync(join(folder, name), "utf8");

test("the template loads nothing from another host", () => {
  expect(files).toContain("index.html.j2");
  for (const name of files) {
    const withoutComments = text(name).replace(/\{#[\s\S]*?#\}|\/\*[\s\S]*?\*\//g, "");
    expect(withoutComments, name).not.toMatch(/(https?:)?\/\/[a-z]/i);
    expect(withoutComments, name).not.toMatch(/@import|url\((?!#)/i);
  }
});

test("every style sheet that the template includes exists", () => {
  const included = [...text("index.html.j2").matchAll(/include_css\('([^']+)'\)/g)].map((match) => match[1]);
  expect(included.length).toBeGreaterThan(0);
  for (const name of included) expect(files).toContain(name);
});

test("every colour has a value for dark mode", () => {
  for (const name of ["page.css", "report.css"]) {
    const [light, dark] = Array.from(text(name).matchAll(/:root \{([^}]*)\}/g), ([, block = ""]) =>
      Array.from(block.matchAll(/(--[a-z-]+): #/g), ([, colour]) => colour),
    );
    expect(light).not.toEqual([]);
    expect(dark).toEqual(light);
  }
});
