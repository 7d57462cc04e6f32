/* In place of packages with rare transforms of Vega: the build names them. */
export {};
