/**
 * Node's flags for the kernel: `vm` modules and `import.meta.resolve` with a parent are what lets cells import and
 * re-import ES modules from the notebook's folder. The async hooks check is off because an interrupted timer
 * would fail it.
 */
const FLAGS = [
  "--no-warnings",
  "--experimental-vm-modules",
  "--experimental-import-meta-resolve",
  "--no-force-async-hooks-checks",
];

/** The property of a kernelspec's metadata that says it is the Allroads kernel's. */
const MARK = "allroads";

/**
 * Whether a kernelspec starts the Allroads kernel, from any copy of this package. Those of earlier versions have no mark.
 *
 * @param {any} spec the parsed kernel.json
 */
export function isAllroads(spec) {
  const { argv, metadata } = spec ?? {};
  if (!Array.isArray(argv) || !argv.every((part) => typeof part === "string")) return false;
  return (
    typeof metadata?.[MARK] === "object" ||
    argv.some((part) => /(?:kernel[\\/]dist|allroads-kernel.*)[\\/]start\.cjs$/.test(part))
  );
}

/** Whether pip has installed a kernelspec, with the wheel. */
export const isByPip = (spec) => spec?.metadata?.[MARK]?.installer === "pip";

/** Node's arguments that start the kernel's program; the connection file follows. */
export const kernelArguments = (program) => [...FLAGS, program];

/**
 * The text of kernel.json.
 *
 * @param {object} spec
 * @param {string} spec.node the path of Node
 * @param {string} spec.program the path of the built kernel, start.cjs
 * @param {string} spec.displayName
 * @param {Record<string, string>} [spec.env]
 */
export function kernelspecText({ node, program, displayName, env = {} }) {
  const spec = {
    argv: [node, ...kernelArguments(program), "{connection_file}"],
    display_name: displayName,
    language: "typescript",
    interrupt_mode: "message",
    kernel_protocol_version: "5.4",
    metadata: { debugger: true, [MARK]: {} },
    env,
  };
  return `${JSON.stringify(spec, null, 2)}\n`;
}

/**
 * The text of the wheel's kernel.json. Jupyter runs its own Python for "python"; start.py, in the kernelspec's folder,
 * finds Node.
 *
 * @param {string} packages the folder of the kernel's packages, relative to the kernelspec's
 */
export function wheelKernelspecText(packages) {
  const program = `{resource_dir}/${packages}/allroads-kernel/dist/start.cjs`;
  const spec = JSON.parse(kernelspecText({ node: "node", program, displayName: "TypeScript" }));
  spec.argv = ["python", "{resource_dir}/start.py", ...spec.argv.slice(1)];
  spec.metadata[MARK] = { installer: "pip" };
  return `${JSON.stringify(spec, null, 2)}\n`;
}
