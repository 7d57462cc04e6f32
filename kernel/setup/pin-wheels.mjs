import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { PYTHON_VERSIONS, pythonEnvironment } from "./checks.mjs";
import { Failure } from "./failure.mjs";
import { fileSha256, readJson, readText, writeAtomically } from "./files.mjs";
import { readPins, requirementsText } from "./pins.mjs";
import { installerPython, pip } from "./pip.mjs";
import { buildPapermill, PAPERMILL } from "./python.mjs";
import { runLogged } from "./shell.mjs";

/** @typedef {import("./paths.mjs").Paths} Paths */
/** @typedef {import("./pins.mjs").Pin} Pin */

/**
 * What each of the two files pins.
 *
 * @typedef {object} Scope
 * @property {readonly string[]} pythons CPython versions that have a wheel of every package
 * @property {(name: string) => readonly string[]} machines that have a wheel of a package
 * @property {boolean} dependencies whether also what the packages of the .in file need
 */

/** @type {Scope} */
const JUPYTER = { pythons: PYTHON_VERSIONS, machines: () => ["x86_64", "aarch64"], dependencies: true };

/**
 * TensorFlow's libraries do not depend on Python, so that those for one version do for all. The GPU library and the CUDA
 * libraries are used on x86-64 only.
 *
 * @type {Scope}
 */
const TENSORFLOW = {
  pythons: ["3.11"],
  machines: (name) => (name === "tensorflow" ? ["x86_64", "aarch64"] : ["x86_64"]),
  dependencies: false,
};

/** The resolver. It finds the versions for all supported Pythons at once; pip only finds those for its own. */
const RESOLVER = {
  name: "uv",
  version: "0.13.9",
  hashes: [
    "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
    "ecb6028d79dc96fbeafffe5c8af62a7099487ebc05a701e76714eebcffd06375",
  ],
};

/**
 * Whether a wheel can be installed on Linux with glibc.
 *
 * @param {string} file its name
 * @param {readonly string[]} pythons CPython versions, for example "3.11"
 * @param {readonly string[]} machines for example "x86_64"
 */
export function isUsable(file, pythons, machines) {
  const [python = "", abi = "", platform = ""] = file
    .replace(/\.whl$/, "")
    .split("-")
    .slice(-3);
  const versions = pythons.map((version) => `cp${version.replace(".", "")}`);
  const minor = Number(/^cp3(\d+)$/.exec(python)?.[1]);
  const newest = Math.max(...pythons.map((version) => Number(version.split(".")[1])));
  const fitsPython =
    (abi === "none" && python.split(".").includes("py3")) ||
    (abi === "abi3" && minor <= newest) ||
    (abi === python && versions.includes(python));
  const fitsMachine =
    platform === "any" || machines.some((one) => /manylinux/.test(platform) && platform.endsWith(`_${one}`));
  return fitsPython && fitsMachine;
}

/**
 * The names and versions in the text of a .in file, for example "pip==26.3".
 *
 * @param {string} text
 */
export const requirementsIn = (text) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));

/** Package names are compared in this form. */
export const normalizeName = (name) => name.toLowerCase().replaceAll(/[-_.]+/g, "-");

/** The Python versions that a line of the resolver's export is for, or undefined if for all. */
export function pythonMarker(line) {
  const marker = /;\s*([^\\]*)/.exec(line)?.[1]?.trim();
  return marker?.replace(/(^| and )sys_platform == 'linux'$/, "") || undefined;
}

/** A project for the resolver. */
const projectText = ({ requirements, constraints, pythons }) => `[project]
name = "pinned"
version = "0"
requires-python = ">=${pythons[0]},<3.${Number(pythons.at(-1).split(".")[1]) + 1}"
dependencies = ${JSON.stringify(requirements)}
[tool.uv]
environments = ["sys_platform == 'linux'"]
constraint-dependencies = ${JSON.stringify(constraints)}
`;

const TO_JSON =
  "import json, sys, tomllib; json.dump(tomllib.load(open(sys.argv[1], 'rb')), open(sys.argv[2], 'w'))";

/**
 * All packages that some requirements need, in the versions of the constraints or else the newest that fit together.
 *
 * @param {{ requirements: string[], constraints: string[], pythons: readonly string[] }} wanted
 * @param {{ paths: Paths, folder: string, resolver: string }} where
 * @returns {Promise<{ name: string, version: string, marker?: string, files: { name: string, hash: string }[] }[]>}
 */
async function resolve(wanted, { paths, folder, resolver }) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "pyproject.toml"), projectText(wanted));
  const run = (what, command, ...args) =>
    runLogged(what, command, args, { cwd: folder, log: paths.log, env: pythonEnvironment() });
  const python = installerPython(paths);
  const quiet = ["--quiet", "--python", python];
  await run("Resolving the Python packages", resolver, "lock", ...quiet);
  const form = ["--format", "requirements.txt", "--no-hashes", "--no-annotate", "--no-header"];
  const what = "Exporting the Python packages";
  const exported = await run(what, resolver, "export", "--frozen", "--no-emit-project", ...form, ...quiet);
  await run("Reading the resolved packages", python, "-c", TO_JSON, "uv.lock", "uv.json");
  const markers = new Map(exported.split("\n").map((line) => [line.split("==")[0], pythonMarker(line)]));
  return readJson(path.join(folder, "uv.json"))
    .package.filter(({ name }) => markers.has(name))
    .map(({ name, version, wheels = [] }) => ({
      name,
      version,
      marker: markers.get(name),
      files: wheels.map(({ url, hash }) => ({
        name: url.split("/").at(-1),
        hash: hash.replace("sha256:", ""),
      })),
    }));
}

/**
 * The resolved packages with the hashes of the usable wheels.
 *
 * @param {Awaited<ReturnType<typeof resolve>>} packages
 * @param {Pick<Scope, "pythons" | "machines">} scope
 * @returns {Pin[]}
 * @throws {Failure} if a package has no wheel for one of the Pythons on one of its machines
 */
export function pinsOf(packages, { pythons, machines }) {
  return packages.map(({ name, version, marker, files }) => {
    for (const python of pythons)
      for (const machine of machines(name))
        if (!files.some((file) => isUsable(file.name, [python], [machine])))
          throw new Failure(
            `${name} ${version} has no wheel for Python ${python} on ${machine}: choose another version of it in the .in file.`,
          );
    const usable = files.filter((file) => isUsable(file.name, pythons, machines(name)));
    return { name, version, ...(marker && { marker }), hashes: usable.map(({ hash }) => hash).sort() };
  });
}

/** Installs the resolver into a folder. Returns the path of its program. */
async function installResolver(folder, paths) {
  mkdirSync(folder, { recursive: true });
  const requirements = path.join(folder, "uv.txt");
  writeFileSync(requirements, requirementsText([RESOLVER]));
  const checked = ["--require-hashes", "--no-deps", "--only-binary=:all:"];
  const args = ["install", ...checked, "--target", folder, "-r", requirements];
  await pip("Installing the resolver", args, { paths });
  return path.join(folder, "bin", "uv");
}

/** The package in kernel/papermill. @returns {Promise<Pin>} */
async function papermillPin(folder, paths) {
  const wheel = await buildPapermill(folder, installerPython(paths), paths);
  const [, version = ""] = path.basename(wheel).split("-");
  return { name: PAPERMILL, version, hashes: [fileSha256(wheel)] };
}

/**
 * Writes kernel/requirements.txt and kernel/tensorflow.txt from the .in files beside them.
 *
 * @param {Paths} paths
 * @param {{ upgrade: boolean }} options whether packages that are pinned already may get newer versions
 * @returns {Promise<{ requirements: number, tensorflow: number }>} how many packages each file pins
 */
export async function pinWheels(paths, { upgrade }) {
  const scratch = path.join(paths.scratch, "pin");
  rmSync(scratch, { recursive: true, force: true });
  try {
    const resolver = await installResolver(path.join(scratch, "resolver"), paths);

    /** Pins one file, and returns the number of its packages. */
    const pinFile = async (output, scope, more = []) => {
      const input = output.replace(/\.txt$/, ".in");
      const requirements = requirementsIn(readText(input) ?? "");
      const named = new Set(requirements.map((one) => normalizeName(one.split("==")[0])));
      const pinned = upgrade || !existsSync(output) ? [] : readPins(output);
      const constraints = pinned
        .filter(({ name }) => name !== PAPERMILL && !named.has(name))
        .map(({ name, version }) => `${name}==${version}`);
      const wanted = { requirements, constraints, pythons: scope.pythons };
      const folder = path.join(scratch, path.basename(output, ".txt"));
      const packages = await resolve(wanted, { paths, folder, resolver });
      const chosen = packages.filter(({ name }) => scope.dependencies || named.has(name));
      const pins = [...pinsOf(chosen, scope), ...more];
      pins.sort((one, other) => (one.name < other.name ? -1 : 1));
      const header = `# Written by npm run pin from ${path.basename(input)}: every package with the SHA-256 of the wheels that may be installed.\n`;
      writeAtomically(output, header + requirementsText(pins));
      return pins.length;
    };

    return {
      requirements: await pinFile(paths.requirements, JUPYTER, [await papermillPin(scratch, paths)]),
      tensorflow: await pinFile(paths.tensorflowWheels, TENSORFLOW),
    };
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
