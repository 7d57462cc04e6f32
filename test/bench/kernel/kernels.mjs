/**
 * The kernels that are compared, by the names of their kernelspecs.
 *
 * @type {Record<string, { label: string, possessive: string, language: "typescript" | "python" }>}
 */
const KERNELS = {
  allroads: { label: "Allroads", possessive: "Allroads'", language: "typescript" },
  deno: { label: "Deno", possessive: "Deno's", language: "typescript" },
  tslab: { label: "tslab", possessive: "tslab's", language: "typescript" },
  python3: { label: "ipykernel", possessive: "ipykernel's", language: "python" },
};

export const NAMES = Object.keys(KERNELS);

/** The kernel that the targets are for. */
export const OURS = "allroads";

/** @param {string} name */
export function kernelNamed(name) {
  const kernel = KERNELS[name];
  if (kernel === undefined) throw new Error(`There is no kernel "${name}".`);
  return kernel;
}
