import type { Project } from "./project.ts";

/**
 * How types are checked: with "strict", every error keeps a cell from running; with "relaxed", only sure ones do, and
 * doubtful ones are shown as warnings; with "off", cells are not checked.
 */
export type Strictness = "strict" | "relaxed" | "off";

const isStrictness = (value: unknown): value is Strictness =>
  value === "strict" || value === "relaxed" || value === "off";

/** The strictness of a session until a cell changes it: that of the installation, or else of the project. */
export function initialStrictness(project: Project, setting: string | undefined): Strictness {
  if (isStrictness(setting)) return setting;
  return project.config.compilerOptions?.strict === true ? "strict" : "relaxed";
}

/** The strictness that `checkTypes` asks for. `true` turns checking on again, as it was at first. */
export function requestedStrictness(
  request: unknown,
  current: Strictness,
  initial: Strictness,
  project: Project,
): Strictness {
  if (isStrictness(request)) return request;
  if (request === false) return "off";
  if (current !== "off") return current;
  return initial === "off" ? initialStrictness(project, undefined) : initial;
}

/** `// @ts-check` or `// @ts-nocheck` among the first comments of a cell. */
const checkComment = /^\s*(?:\/\/[^\n]*\n\s*)*?\/\/\s*@ts-(check|nocheck)\b/;

/** The strictness of a cell, in a session of the given one. */
export function cellStrictness(source: string, session: Strictness): Strictness {
  const comment = checkComment.exec(source)?.[1];
  if (comment === undefined) return session;
  return comment === "check" ? "strict" : "off";
}
