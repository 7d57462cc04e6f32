import { readFileSync } from "node:fs";
import path from "node:path";

/** Gives the text of a file of /proc or /sys; undefined if it cannot be read. */
export type ReadFile = (file: string) => string | undefined;

/** Reads a file of this machine's /proc or /sys. */
export const readSystemFile: ReadFile = (file) => {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
};

/**
 * The folders of this process's control groups and of those around them, whose limits also hold. In a container a group
 * may be named by its path outside, and be the root of what is mounted.
 */
export function controlGroups(read: ReadFile): string[] {
  const memberships = lines(read("/proc/self/cgroup")).map((line) => {
    const [, controllers = "", ...group] = line.split(":");
    return { controllers: controllers.split(","), group: group.join(":") };
  });
  return lines(read("/proc/self/mountinfo")).flatMap((line) => {
    const [before = "", after = ""] = line.split(" - ");
    const [root = "/", mount = ""] = before.split(" ").slice(3, 5);
    const [type, , options = ""] = after.split(" ");
    if (type !== "cgroup" && type !== "cgroup2") return [];
    const isOf = (controllers: readonly string[]) =>
      type === "cgroup2"
        ? controllers.join() === ""
        : controllers.some((one) => options.split(",").includes(one));
    return memberships
      .filter(({ controllers }) => isOf(controllers))
      .flatMap(({ group }) => [mount, ...foldersBelow(mount, path.posix.relative(root, group))]);
  });
}

/** `base/a` and `base/a/b` for the relative path a/b; nothing for a path that leads out of `base`. */
function foldersBelow(base: string, relative: string): string[] {
  const names = relative.split("/").filter(Boolean);
  if (names.includes("..")) return [];
  return names.map((_, index) => path.posix.join(base, ...names.slice(0, index + 1)));
}

function lines(text: string | undefined): string[] {
  return (text ?? "").split("\n").filter((line) => line !== "");
}
