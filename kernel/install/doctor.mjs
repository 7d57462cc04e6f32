import { existsSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);

/** One thing that the kernel needs: what it is, whether it is there, and what to do if it is not. */
const check = (what, test, remedy) => {
  try {
    const said = test();
    return { what, good: true, said: typeof said === "string" ? said : "" };
  } catch (error) {
    return { what, good: false, said: `${error.message.split("\n")[0]} ${remedy}` };
  }
};

function nodeVersion() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const good = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22;
  if (!good) throw new Error(`This is Node ${process.versions.node}.`);
  return process.versions.node;
}

function compiler() {
  const name = `@typescript/typescript-${process.platform}-${process.arch}`;
  createRequire(require.resolve("typescript/package.json")).resolve(`${name}/package.json`);
  return require("typescript/package.json").version;
}

/** Looks at all that the kernel needs: its built program, Node, sockets, TypeScript, esbuild. */
export function examine(program, kernels) {
  const again = "Install the packages again (npm ci).";
  return [
    check("Node", nodeVersion, "The kernel needs Node 20.19, 22.12 or newer."),
    check(
      "program",
      () => {
        if (!existsSync(program)) throw new Error(`${program} is missing.`);
        return program;
      },
      "Build it: npm run setup.",
    ),
    check("sockets (zeromq)", () => `libzmq ${require("zeromq").version}`, again),
    check("type checker (TypeScript)", compiler, `${again} Without it cells run unchecked.`),
    check(
      "compiler (esbuild)",
      () => require("esbuild").transformSync("1") && require("esbuild").version,
      again,
    ),
    ...kernels.map(({ name, argv }) =>
      check(
        `kernel "${name}"`,
        () => {
          const missing = [argv[0], argv.find((part) => part.endsWith(".mjs"))].filter(
            (file) => !existsSync(file),
          );
          if (missing.length > 0) throw new Error(`${missing.join(" and ")} is missing.`);
        },
        `Install it again: allroads-kernel install --name ${name}.`,
      ),
    ),
  ];
}
