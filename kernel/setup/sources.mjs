import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { digest } from "./files.mjs";

/** The rooms whose code decides what a training run computes. */
const COMPUTING = ["tensors", "text", "tasks", "models", "training", "evaluation"];

/** The TypeScript files below folders of `root`, by their paths from `root`, in order of name. */
export function typescriptBelow(root, folders) {
  const files = [];
  const visit = (place) => {
    if (!existsSync(path.join(root, place))) return;
    for (const entry of readdirSync(path.join(root, place), { withFileTypes: true })) {
      const inside = `${place}/${entry.name}`;
      if (entry.isDirectory()) {
        if (entry.name !== "dist" && entry.name !== "node_modules") visit(inside);
      } else if (entry.name.endsWith(".ts")) files.push(inside);
    }
  };
  for (const folder of folders) visit(folder);
  return files.sort();
}

const digestOf = (root, files) =>
  digest(...files.flatMap((file) => [file, readFileSync(path.join(root, file))]));

/** 16 hexadecimal digits that change with the code that computes: part of every finished run's name. */
export function codeVersion(root) {
  const rooms = COMPUTING.map((room) => `src/${room}`);
  return digestOf(root, typescriptBelow(root, rooms)).slice(0, 16);
}

/** Changes with whatever goes into the bundles and the declarations. */
export function buildKey(root) {
  const sources = typescriptBelow(root, ["src", "kernel/display"]);
  const settings = ["tsconfig.json", "package-lock.json", "src/tsconfig.json", "kernel/tsconfig.json"];
  return digestOf(root, [...sources, ...settings, "kernel/setup/build.mjs"]);
}
