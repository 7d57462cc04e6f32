/**
 * Node's flags for the kernel: `vm` modules and `import.meta.resolve` with a parent are what lets cells import and
 * re-import ES modules from the notebook's folder. The async hooks check is off because an interrupted timer
 * would fail it.
 */
export const FLAGS = [
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

/** The text of the wheel's kernel.json: its program starts Node, and lies in the kernelspec's folder. */
export function wheelKernelspecText() {
  const spec = JSON.parse(kernelspecText({ node: "python", program: "", displayName: "TypeScript" }));
  spec.argv = ["python", "{resource_dir}/start.py", "{connection_file}"];
  spec.metadata[MARK] = { installer: "pip" };
  return `${JSON.stringify(spec, null, 2)}\n`;
}

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
