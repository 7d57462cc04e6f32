import { writeFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { commandOptions, limitSeconds, parseSiteFile, siteOptions } from "../../src/cluster/slurm-options.ts";
import { UsageError } from "../../src/files/usage-error.ts";
import { temporaryFolder } from "../temporary.ts";

describe("a site's file", () => {
  test("gives options as the command line does, further ones of sbatch and lines of Bash", () => {
    const text =
      'partition: gpu\ncpus: 4\ntime: 4:00:00\nsbatch: ["--qos=long"]\nsetup: [module load node]\n';
    expect(parseSiteFile(text, "slurm.yaml")).toEqual({
      partition: "gpu",
      cpus: "4",
      time: "4:00:00",
      sbatch: ["--qos=long"],
      setup: ["module load node"],
    });
    expect(parseSiteFile("# nothing yet\n", "slurm.yaml")).toEqual({});
  });

  test.each([
    ["partitoin: gpu", 'Unrecognized key: "partitoin"'.toLowerCase()],
    ["cpus: 0", "`cpus`: give a whole number of cores above 0"],
    ["time: soon", "`time`: give a time such as 90 (minutes)"],
    ['setup: ["a\\nb"]', "`setup.0`: give one line of text"],
    ["sbatch: [qos]", "`sbatch.0`: give an option of sbatch"],
    ["[1, 2", "cannot be read as YAML"],
  ])("with %j is refused with what is wrong", (text, problem) => {
    expect(() => parseSiteFile(text, "slurm.yaml")).toThrow(/^slurm\.yaml /);
    expect(() => parseSiteFile(text, "slurm.yaml")).toThrow(
      new RegExp(problem.replaceAll(/[()`.]/g, "\\$&"), "i"),
    );
  });

  test("is the one that a variable names, which must exist, and none is needed", () => {
    const file = path.join(temporaryFolder("site"), "site.yaml");
    expect(() => siteOptions(file)).toThrow(UsageError);
    expect(() => siteOptions(file)).toThrow(/could not be read .*: correct ALLROADS_SLURM\.$/);
    writeFileSync(file, "mem: 6G\n");
    expect(siteOptions(file)).toEqual({ mem: "6G" });
    expect(siteOptions("")).toEqual({});
  });
});

describe("options of a command", () => {
  test("are taken by name, the last value of each", () => {
    const given = new Map([
      ["gpus", ["1", "a100:2"]],
      ["constraint", ["[icelake|zen4]"]],
      ["only", ["01"]],
    ]);
    expect(commandOptions(given)).toEqual({ gpus: "a100:2", constraint: "[icelake|zen4]" });
  });

  test.each([
    ["gpus", "0"],
    ["cpus", "1.5"],
    ["mem", "6 G"],
    ["time", "4h"],
    ["max-jobs", "-1"],
    ["partition", "gpu\n#SBATCH --uid=0"],
    ["constraint", 'a" b'],
  ])("with --%s %j are refused with what is expected", (name, value) => {
    expect(() => commandOptions(new Map([[name, [value]]]))).toThrow(UsageError);
    expect(() => commandOptions(new Map([[name, [value]]]))).toThrow(`--${name} is "${value}": give `);
  });
});

test.each([
  ["90", 5400],
  ["1:30", 90],
  ["4:00:00", 14_400],
  ["1-0", 86_400],
  ["1-12:30", 131_400],
  ["1-12:00:05", 129_605],
])("a time limit of %s is %d seconds", (time, seconds) => {
  expect(limitSeconds(time)).toBe(seconds);
});
