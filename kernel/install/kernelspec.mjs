/**
 * What Node is started with to run the kernel: ES modules that can be loaded anew, resolution of packages from
 * the notebook's folder, and no check that an interrupted timer would fail.
 */
const FLAGS = [
  "--no-warnings",
  "--experimental-vm-modules",
  "--experimental-import-meta-resolve",
  "--no-force-async-hooks-checks",
];

/** Node's arguments for the kernel's program, before the connection file. */
export const kernelArguments = (program) => [...FLAGS, program];

/** The text of kernel.json for a kernel whose program is the file `program`, run by `node`. */
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
