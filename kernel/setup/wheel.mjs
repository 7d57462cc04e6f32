import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync } from "node:fs";
import path from "node:path";
import { kernelFolder } from "../install/data-folders.mjs";
import { LOGOS } from "../install/install.mjs";
import { wheelKernelspecText } from "../install/kernelspec.mjs";
import { findPython, pythonEnvironment } from "./checks.mjs";
import { Failure } from "./failure.mjs";
import { readJson } from "./files.mjs";
import { packageFiles } from "./package-files.mjs";

/** The tags of Python's wheels for the platforms of which npm has compilers. */
const TAGS = {
  "linux-x64": "manylinux_2_17_x86_64.musllinux_1_1_x86_64",
  "linux-arm64": "manylinux_2_17_aarch64.musllinux_1_1_aarch64",
  "darwin-x64": "macosx_11_0_x86_64",
  "darwin-arm64": "macosx_11_0_arm64",
  "win32-x64": "win_amd64",
  "win32-arm64": "win_arm64",
};

/** The tag of wheels for a platform. @throws {Failure} if there is none */
export function platformTag(platform = process.platform, arch = process.arch) {
  const tag = TAGS[`${platform}-${arch}`];
  if (tag) return tag;
  throw new Failure(
    `There is no wheel for ${platform} on ${arch}: build it on one of ${Object.keys(TAGS).join(", ")}.`,
  );
}

/** The folder of the kernel's packages, relative to the data of a Python environment. */
const PACKAGES = "share/allroads-kernel/node_modules";

/** The files of the wheel, by their paths in it. */
function wheelFiles(name, version, { root, papermill }) {
  const kernel = path.join(root, "kernel");
  const data = `${name}-${version}.data/data`;
  const spec = `${data}/${kernelFolder("share/jupyter", "allroads").replaceAll(path.sep, "/")}`;
  const file = (...parts) => ({ file: path.join(...parts) });
  const entries = [
    ["allroads_papermill.py", file(papermill, "allroads_papermill.py")],
    [`${spec}/kernel.json`, { text: wheelKernelspecText(`../../../../${PACKAGES}`) }],
    ...["start.py", ...LOGOS].map((each) => [`${spec}/${each}`, file(kernel, "install", each)]),
    ...packageFiles(kernel).map(([target, source]) => [`${data}/${PACKAGES}/${target}`, { file: source }]),
    ...["LICENSE", "dist/LICENSES.txt"].map((each) => [
      `${name}-${version}.dist-info/licenses/${path.basename(each)}`,
      file(kernel, each),
    ]),
  ];
  return Object.fromEntries(entries);
}

/**
 * Builds a wheel for this platform: the kernel and the packages that it needs, its kernelspec, and the translator of
 * papermill. It needs Node where it is installed.
 *
 * @param {string} folder
 * @param {import("./paths.mjs").Paths} paths
 * @param {number} level the compression, 0 to 9
 * @returns {string} the file
 * @throws {Failure} if the kernel is not built, or writing fails
 */
export function buildWheel(folder, paths, level = 9) {
  const { version, description, license, engines } = readJson(
    path.join(paths.root, "kernel", "package.json"),
  );
  if (!existsSync(path.join(paths.root, "kernel", "dist", "start.cjs")))
    throw new Failure("The kernel is not built: run npm run setup, then run the same command again.");
  const name = "allroads_kernel";
  const metadata = [
    ...["Metadata-Version: 2.1", "Name: allroads-kernel", `Version: ${version}`, `Summary: ${description}`],
    ...[`License: ${license}`, "Requires-Python: >=3.9", "Description-Content-Type: text/markdown"],
    ...["", `The kernel runs on Node (${engines.node}), which must be installed too.`],
  ];
  const entryPoints = "[papermill.engine]\nallroads = allroads_papermill:Engine\n";
  const files = wheelFiles(name, version, paths);
  const about = {
    name,
    version,
    tag: platformTag(),
    metadata,
    entry_points: entryPoints,
    folder,
    level,
    files,
  };
  mkdirSync(folder, { recursive: true });
  const program = path.join(paths.root, "kernel", "setup", "write_wheel.py");
  const { status, stdout, stderr } = spawnSync(findPython(), ["-B", program], {
    input: JSON.stringify(about),
    encoding: "utf8",
    env: pythonEnvironment(),
  });
  if (status !== 0) throw new Failure(`Writing the wheel failed: ${stderr.trim().split("\n").at(-1)}`);
  return stdout.trim();
}
