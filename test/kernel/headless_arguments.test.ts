import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { helpText, PRESETS, readArguments } from "../../kernel/headless/arguments.mjs";
import { refusal } from "../refusal.ts";

const notebooks = ["01-alpha", "02-beta", "03-beta-more"];
const read = (argv: string[], env: NodeJS.ProcessEnv = {}) =>
  readArguments(argv, { notebooks, reports: "/repo/reports", from: "/home/me", cores: 6, env });

const refused = (argv: string[], env: NodeJS.ProcessEnv = {}) => refusal(() => read(argv, env), 2);

describe("readArguments", () => {
  test("without options: every notebook in the laptop preset on the kernel of this repository", () => {
    expect(read([])).toEqual({
      help: false,
      preset: "laptop",
      kernel: "allroads",
      out: "/repo/reports",
      jobs: 6,
      timeout: null,
      parameters: {},
      notebooks,
    });
  });

  test("a value may follow its option or an equals sign", () => {
    for (const preset of PRESETS) {
      expect(read(["--preset", preset]).preset).toBe(preset);
      expect(read([`--preset=${preset}`]).preset).toBe(preset);
    }
    expect(read(["--timeout", "2.5", "--jobs=3", "--out=elsewhere"])).toMatchObject({
      timeout: 2.5,
      jobs: 3,
      out: "/home/me/elsewhere",
    });
  });

  test("--only takes full names, beginnings and paths, and keeps the order of the notebooks", () => {
    expect(read(["--only", "03", "--only", "01"]).notebooks).toEqual(["01-alpha", "03-beta-more"]);
    expect(read(["--only", "02-beta"]).notebooks).toEqual(["02-beta"]);
    expect(read(["--only", "0"]).notebooks).toEqual(notebooks);
    expect(read(["--only", "notebooks/01-alpha.ipynb"]).notebooks).toEqual(["01-alpha"]);
  });

  test("parameters are upper-cased and keep their values, equals signs included", () => {
    const name = fc
      .stringMatching(/^[a-z][a-z0-9_]{0,8}$/)
      .filter((key) => !["preset", "runs"].includes(key));
    const value = fc.string().filter((text) => !text.startsWith("--") && !/^\.\.?(\/|$)/.test(text));
    fc.assert(
      fc.property(name, value, (key, text) => {
        expect(read(["--param", `${key}=${text}`]).parameters).toEqual({ [key.toUpperCase()]: text });
      }),
    );
  });

  test("parameters reach the notebooks as they were written, the name in capitals", () => {
    const argv = ["--param", "data=./a.jsonl,b.jsonl", "--param", "RUNS=store"];
    expect(read(argv).parameters).toEqual({ DATA: "./a.jsonl,b.jsonl", RUNS: "store" });
  });

  test.each([
    [["--fast"], /no option --fast/],
    [["--preset", "huge"], /no preset "huge".*smoke, laptop and gpu/],
    [["--preset"], /--preset needs a value/],
    [["--only", "--preset"], /--only needs a value/],
    [["--only", "09"], /no notebook "09".*01-alpha, 02-beta and 03-beta-more/],
    [["01-alpha"], /--only 01-alpha/],
    [["--param", "SEEDS"], /SEEDS=VALUE/],
    [["--param", "9=1"], /"9" is not a name/],
    [["--param", "preset=smoke"], /--preset smoke/],
    [["--timeout", "soon"], /"soon".*seconds above zero/],
    [["--timeout", "0"], /seconds above zero/],
    [["--jobs", "0"], /--jobs is "0".*1 or more/],
    [["--jobs", "two"], /--jobs is "two"/],
  ])("%j is refused in one sentence", (argv, sentence) => {
    expect(refused(argv)).toMatch(sentence);
  });

  test("options that npm took for itself are told", () => {
    expect(refused([], { npm_config_preset: "smoke" })).toMatch(/npm run paper -- --preset smoke/);
  });

  test("no notebook at all is told", () => {
    const place = { notebooks: [], reports: "/r", from: "/", cores: 1 };
    expect(() => readArguments([], place)).toThrow(/no notebook in notebooks/);
  });

  test("help names every option, every preset and every notebook", () => {
    const text = helpText(notebooks);
    const options = ["--preset", "--only", "--param", "--kernel", "--out", "--jobs", "--timeout", "--help"];
    for (const word of [...options, ...PRESETS, ...notebooks]) expect(text).toContain(word);
    expect(read(["--help"]).help).toBe(true);
  });
});
