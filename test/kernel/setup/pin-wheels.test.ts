import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { paths } from "../../../kernel/setup/paths.mjs";
import {
  isUsable,
  normalizeName,
  pinsOf,
  pythonMarker,
  requirementsIn,
} from "../../../kernel/setup/pin-wheels.mjs";
import { readPins } from "../../../kernel/setup/pins.mjs";

const pythons = ["3.11", "3.12"];

test.each([
  "a-1-py3-none-any.whl",
  "a-1-py2.py3-none-any.whl",
  "a-1-cp311-cp311-manylinux2014_x86_64.manylinux_2_17_x86_64.whl",
  "a-1-cp312-cp312-manylinux_2_28_x86_64.whl",
  "a-1-cp38-abi3-manylinux_2_17_x86_64.whl",
  "a-1-py3-none-manylinux_2_27_x86_64.whl",
  "a-1-2build-cp311-cp311-manylinux_2_28_x86_64.whl",
])("%s is usable on Linux with glibc on x86-64", (file) => {
  expect(isUsable(file, pythons, ["x86_64"])).toBe(true);
});

test.each([
  "a-1-py2-none-any.whl",
  "a-1-cp310-cp310-manylinux_2_28_x86_64.whl",
  "a-1-cp313-cp313-manylinux_2_28_x86_64.whl",
  "a-1-cp313-abi3-manylinux_2_28_x86_64.whl",
  "a-1-cp312-cp312t-manylinux_2_28_x86_64.whl",
  "a-1-pp311-pypy311_pp73-manylinux_2_28_x86_64.whl",
  "a-1-cp311-cp311-manylinux_2_28_aarch64.whl",
  "a-1-cp311-cp311-musllinux_1_2_x86_64.whl",
  "a-1-cp311-cp311-macosx_11_0_x86_64.whl",
  "a-1-cp311-cp311-win_amd64.whl",
  "a-1.tar.gz",
])("%s is not usable on Linux with glibc on x86-64", (file) => {
  expect(isUsable(file, pythons, ["x86_64"])).toBe(false);
});

const packageWith = (...files: string[]) => [
  { name: "a", version: "1", files: files.map((name) => ({ name, hash: name })) },
];

test("a package is pinned by the hashes of its usable wheels", () => {
  const files = [
    "a-1-py3-none-any.whl",
    "a-1-cp311-cp311-win_amd64.whl",
    "a-1-cp311-cp311-manylinux1_x86_64.whl",
  ];
  expect(pinsOf(packageWith(...files), { pythons, machines: () => ["x86_64"] })).toEqual([
    { name: "a", version: "1", hashes: [files[2], files[0]] },
  ]);
});

test("a package without a wheel for every Python and machine is refused", () => {
  const pins = () =>
    pinsOf(packageWith("a-1-cp311-cp311-manylinux1_x86_64.whl"), { pythons, machines: () => ["x86_64"] });
  expect(pins).toThrow("a 1 has no wheel for Python 3.12 on x86_64");
});

test("the marker of a package says for which Pythons it is, without the system", () => {
  expect(pythonMarker("a==1 ; sys_platform == 'linux'")).toBe(undefined);
  expect(pythonMarker("a==1 ; python_full_version < '3.12' and sys_platform == 'linux'")).toBe(
    "python_full_version < '3.12'",
  );
  expect(pythonMarker("a==1")).toBe(undefined);
});

test("the pinned files contain what the .in files beside them ask for", () => {
  for (const file of [paths.requirements, paths.tensorflowWheels]) {
    const pinned = readPins(file).map(({ name, version }) => `${name}==${version}`);
    const wanted = requirementsIn(readFileSync(file.replace(/txt$/, "in"), "utf8")).map((requirement) => {
      const [name = "", version = ""] = requirement.split("==");
      return `${normalizeName(name)}==${version}`;
    });
    expect(wanted.length).toBeGreaterThan(5);
    expect(pinned).toEqual(expect.arrayContaining(wanted));
  }
});
