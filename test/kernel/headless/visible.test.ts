import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import * as kernel from "../../../kernel/display/visible.mjs";
import { pythonEnvironment } from "../../../kernel/setup/checks.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import * as library from "../../../src/files/visible-text.ts";

/** What a Python function of the module gives for each of some texts. */
function inPython(name: string, texts: readonly string[]): string[] {
  const script = `import json, sys, visible; print(json.dumps([visible.${name}(text) for text in json.load(sys.stdin)]))`;
  const run = spawnSync(paths.python, ["-c", script], {
    env: { ...pythonEnvironment(), PYTHONPATH: `${paths.root}/kernel/headless` },
    input: JSON.stringify(texts),
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  expect(run.status, run.stderr).toBe(0);
  return JSON.parse(run.stdout);
}

test("kernel, library and Python show the same characters in the same way", () => {
  const every = Array.from({ length: 0x110000 }, (_, code) => String.fromCodePoint(code));
  const texts = [
    every.join(" "),
    every.slice(0, 0x3000).join("\u200d"),
    "\r\r\n\n\r\t\u200d\u200c\u200d",
    "\u{1f469}\u200d\u{1f680}\u200d",
  ];
  for (const { visibleText, visibleLine } of [kernel, library]) {
    // Compared as a whole: the difference of texts as long as these could not be shown.
    expect(texts.map(visibleText).join() === inPython("visible_text", texts).join()).toBe(true);
    expect(texts.map(visibleLine).join() === inPython("visible_line", texts).join()).toBe(true);
  }
});

test("Python keeps the colours of what a program has printed, and nothing else of a terminal", () => {
  const printed = "\u001b[1;31mred\u001b[0m\u001b]0;title\u0007\u001b[2J";
  expect(inPython("visible_with_styles", [printed])).toEqual([
    "\u001b[1;31mred\u001b[0m\\x1b]0;title\\x07\\x1b[2J",
  ]);
  expect(inPython("unstyled", [printed])).toEqual(["red\u001b]0;title\u0007\u001b[2J"]);
});
