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
    metadata: { debugger: true },
    env,
  };
  return `${JSON.stringify(spec, null, 2)}\n`;
}
