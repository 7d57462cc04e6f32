import { spawnSync } from "node:child_process";
import path from "node:path";
import { explainFailure, Failure } from "./failure.mjs";
import { readJson } from "./files.mjs";
import { npmCommand } from "./packages.mjs";
import { readPins } from "./pins.mjs";

/** @typedef {import("./paths.mjs").Paths} Paths */

/**
 * The npm packages of package-lock.json as a CycloneDX document, made by npm itself without a network.
 *
 * @param {Paths} paths
 * @throws {Failure} if npm cannot make it
 */
function npmPackages(paths) {
  const { command, args } = npmCommand();
  const options = ["sbom", "--sbom-format=cyclonedx", "--package-lock-only", "--omit=", "--loglevel=error"];
  const { status, stdout, stderr, error } = spawnSync(command, [...args, ...options], {
    cwd: paths.root,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
  });
  if (status !== 0)
    throw new Failure(explainFailure("Listing the npm packages", stderr || `${error}`, paths.log));
  return JSON.parse(stdout);
}

/** The packages that one file of pins lists, as CycloneDX components. */
const pythonPackages = (file, folder) =>
  readPins(file).map(({ name, version, marker, hashes }) => ({
    "bom-ref": `pypi:${name}@${version}`,
    type: "library",
    name,
    version,
    purl: `pkg:pypi/${name}@${version}`,
    hashes: hashes.map((content) => ({ alg: "SHA-256", content })),
    properties: [
      { name: "allroads:installed-into", value: folder },
      ...(marker ? [{ name: "allroads:python", value: marker }] : []),
    ],
  }));

/**
 * A bill of materials in the CycloneDX format: every npm package of package-lock.json, every Python package of
 * kernel/requirements.txt and every wheel of kernel/tensorflow.txt, with the hashes that set-up checks. A Python package
 * has a hash for each of its wheels.
 *
 * @param {Paths} paths
 * @throws {Failure} if npm cannot list its packages
 */
export function billOfMaterials(paths) {
  const { metadata, components, ...rest } = npmPackages(paths);
  const name = readJson(path.join(paths.root, "package.json"))?.name;
  return {
    ...rest,
    metadata: { ...metadata, component: { ...metadata.component, name } },
    components: [
      ...components,
      ...pythonPackages(paths.requirements, ".venv"),
      ...pythonPackages(paths.tensorflowWheels, ".allroads"),
    ],
  };
}
