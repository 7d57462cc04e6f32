import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PRESETS, paperCommand, readArguments } from "../../../kernel/headless/arguments.mjs";
import { helpText } from "../../../kernel/setup/command-line.mjs";
import { refusal } from "../../refusal.ts";

const notebooks = ["01-alpha", "02-beta", "03-beta-more"];
const read = (argv: string[], env: NodeJS.ProcessEnv = {}) =>
  readArguments(argv, {
    notebooks,
    reports: "/repo/reports",
    from: "/home/me",
    cores: 6,
    committed: "laptop",
    own: { notebook: "02-beta", folder: "beta", names: ["wide"], parameter: "BETA_PRESET" },
    env,
  });

const rejected = (argv: string[], env: NodeJS.ProcessEnv = {}) => refusal(() => read(argv, env), 2);

describe("readArguments", () => {
  test("by default all notebooks run with the laptop preset on the Allroads kernel", () => {
    expect(read([])).toEqual({
      help: false,
      preset: "laptop",
      results: "read",
      check: true,
      kernel: "allroads",
      out: "/repo/reports",
      jobs: 6,
      timeout: null,
      parameters: {},
      notebooks,
    });
  });

  test("a value can follow its option or an equals sign", () => {
    for (const preset of PRESETS) {
      expect(read(["--preset", preset]).preset).toBe(preset);
      expect(read([`--preset=${preset}`]).preset).toBe(preset);
    }
    expect(read(["--timeout", "25", "--jobs=3", "--out=elsewhere"])).toMatchObject({
      timeout: 25,
      jobs: 3,
      out: "/home/me/elsewhere",
    });
  });

  test("a preset that only one notebook has selects that notebook and becomes its parameter", () => {
    const expected = { preset: "laptop", notebooks: ["02-beta"], check: false };
    expect(read(["--preset", "wide"])).toMatchObject({ ...expected, parameters: { BETA_PRESET: "wide" } });
    expect(read(["--preset", "own.yaml", "--only", "02"])).toMatchObject({
      ...expected,
      parameters: { BETA_PRESET: "own.yaml" },
    });
    expect(rejected(["--preset", "wide", "--only", "01"])).toContain("The preset wide is for 02-beta alone");
    expect(rejected(["--preset", "wife"])).toContain('did you mean "wide"?');
  });

  test("--only accepts names, beginnings of names and paths, and keeps the order of the notebooks", () => {
    expect(read(["--only", "03", "--only", "01"]).notebooks).toEqual(["01-alpha", "03-beta-more"]);
    expect(read(["--only", "02-beta"]).notebooks).toEqual(["02-beta"]);
    expect(read(["--only", "0"]).notebooks).toEqual(notebooks);
    expect(read(["--only", "notebooks/01-alpha.ipynb"]).notebooks).toEqual(["01-alpha"]);
  });

  test("parameter names are upper-cased; values can contain equals signs", () => {
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

  test.each([
    [[], {}, "read", true, {}],
    [["--only", "01"], {}, "read", false, {}],
    [["--from-ledger"], {}, "read", false, { TRAIN: "0" }],
    [["--from-ledger"], { ALLROADS_TRAIN: "1" }, "read", false, { TRAIN: "0" }],
    [["--train"], {}, "train", false, { TRAIN: "1" }],
    [["--train", "--only", "02"], {}, "train", false, { TRAIN: "1" }],
    [[], { ALLROADS_TRAIN: "1" }, "train", false, { TRAIN: "1" }],
    [[], { ALLROADS_TRAIN: "0" }, "read", true, {}],
    [["--preset", "smoke"], {}, "train", false, {}],
    [["--preset", "gpu", "--train"], {}, "train", false, { TRAIN: "1" }],
  ] as const)("%j with %j: results are %s, checked: %j", (argv, env, results, check, parameters) => {
    expect(read([...argv], env)).toMatchObject({ results, check });
    expect(read([...argv], env).parameters).toEqual(parameters);
  });

  test("without committed results every preset is trained", () => {
    const place = { notebooks, reports: "/r", from: "/", cores: 1 };
    expect(readArguments([], place)).toMatchObject({ results: "train", check: false });
    expect(() => readArguments(["--from-ledger"], place)).toThrow("there are none: leave it out");
  });

  test("relative paths in parameters are passed on unchanged", () => {
    const argv = ["--param", "data=./a.jsonl,b.jsonl", "--param", "RUNS=store"];
    expect(read(argv).parameters).toEqual({ DATA: "./a.jsonl,b.jsonl", RUNS: "store" });
  });

  test.each([
    [["--fast"], /Unknown option --fast/],
    [["--preset", "huge"], /no preset "huge".*smoke, laptop, gpu and wide/],
    [["--preset"], /--preset needs a value/],
    [["--only", "--preset"], /--only needs a value/],
    [["--only", "09"], /no notebook "09".*01-alpha, 02-beta and 03-beta-more/],
    [["01-alpha"], /Unexpected argument "01-alpha"/],
    [["--param", "SEEDS"], /SEEDS=VALUE/],
    [["--param", "9=1"], /"9" is not a valid name/],
    [["--param", "preset=smoke"], /--preset smoke/],
    [["--preset", "lap"], /no preset "lap": did you mean "laptop"\?/],
    [["--only", "01-alhpa"], /no notebook "01-alhpa": did you mean "01-alpha"\?/],
    [["--presets", "gpu"], /Unknown option --presets: did you mean --preset\?/],
    [["--out="], /--out needs a value/],
    [
      ["--from-ledger", "--preset", "smoke"],
      /--from-ledger shows the laptop preset: leave out --preset smoke/,
    ],
    [["--from-ledger", "--train"], /--from-ledger and --train exclude each other: leave out one/],
    [["--param", "train=1"], /write --train or --from-ledger/],
    [["--timeout", "soon"], /"soon".*whole number of seconds/],
    [["--timeout", "0"], /whole number of seconds/],
    [["--timeout", "90.5"], /whole number of seconds/],
    [["--timeout", "1e99"], /whole number of seconds/],
    [["--timeout", "-1"], /whole number of seconds/],
    [["--jobs", "0"], /--jobs is "0".*notebooks to run in parallel/],
    [["--jobs", "two"], /--jobs is "two"/],
  ])("rejects %j with one line", (argv, sentence) => {
    expect(rejected(argv)).toMatch(sentence);
  });

  test("reports options that npm took for itself", () => {
    expect(rejected([], { npm_config_preset: "smoke" })).toMatch(/npm run paper -- --preset smoke/);
    expect(rejected([], { npm_config_train: "true" })).toMatch(
      /npm took --train .*npm run paper -- --train\./,
    );
    expect(rejected([], { npm_config_from_ledger: "true" })).toMatch(/npm run paper -- --from-ledger\./);
  });

  test("reports that there are no notebooks", () => {
    const place = { notebooks: [], reports: "/r", from: "/", cores: 1 };
    expect(() => readArguments([], place)).toThrow(/no notebooks in notebooks/);
  });

  test("the help names every option, preset and notebook", () => {
    const text = helpText(paperCommand(notebooks));
    const options = [
      "--preset",
      "--train",
      "--from-ledger",
      "--only",
      "--param",
      "--kernel",
      "--out",
      "--jobs",
      "--timeout",
      "--help",
    ];
    for (const word of [...options, ...PRESETS, ...notebooks]) expect(text).toContain(word);
    expect(read(["--help"]).help).toBe(true);
  });
});
