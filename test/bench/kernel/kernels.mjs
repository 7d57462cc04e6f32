/**
 * The kernels that are set beside one another, by the names that Jupyter knows them by.
 *
 * @type {Record<string, { label: string, of: string }>} how people know each, and whose name targets say it by
 */
export const KERNELS = {
  allroads: { label: "Allroads", of: "Allroads'" },
  deno: { label: "Deno", of: "Deno's" },
  tslab: { label: "tslab", of: "tslab's" },
  python3: { label: "ipykernel", of: "ipykernel's" },
};

export const NAMES = Object.keys(KERNELS);

/** The one that targets are set for. */
export const OURS = "allroads";
