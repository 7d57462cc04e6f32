import { readFileSync, statSync } from "node:fs";
import path from "node:path";
import {
  createFilesMatcher,
  createPathsMatcher,
  findTsconfig,
  parseTsconfig,
  type TsConfigJsonResolved,
  type TsConfigResult,
} from "get-tsconfig";
import { jsonProblem } from "./jsonc.ts";

/** The TypeScript project that a file belongs to. `file` is its tsconfig.json; undefined if there is none. */
export interface Project {
  file: string | undefined;
  config: TsConfigJsonResolved;
  /** Why the nearest tsconfig.json is not used, as a sentence. */
  problem?: string;
}

type KnownProject = Project & { file: string };

const isKnown = (project: Project): project is KnownProject => project.file !== undefined;

/** get-tsconfig's name for a project. */
const asResult = ({ file, config }: KnownProject): TsConfigResult => ({ path: file, config });

const includes = (project: KnownProject, file: string): boolean =>
  createFilesMatcher(asResult(project))(file) !== undefined;

function readProject(tsconfig: string): Project {
  const unusable = (reason: string): Project => ({
    file: undefined,
    config: {},
    problem: `${tsconfig} is not used, because ${reason}: correct it and restart the kernel.`,
  });
  try {
    const problem = jsonProblem(readFileSync(tsconfig, "utf8"));
    if (problem) return unusable(`it is ${problem}`);
    return { file: tsconfig, config: parseTsconfig(tsconfig) };
  } catch (error) {
    return unusable((error as Error).message.replace(/\.$/, ""));
  }
}

/** The tsconfig.json files that a project refers to by `references`. */
const referencesOf = ({ file, config }: KnownProject): string[] =>
  (config.references ?? []).map((reference) => {
    const target = path.resolve(path.dirname(file), reference.path);
    const isFolder = statSync(target, { throwIfNoEntry: false })?.isDirectory() === true;
    return isFolder ? path.join(target, "tsconfig.json") : target;
  });

/** All projects that a project refers to, directly or through others. */
function referencedProjects(project: KnownProject): KnownProject[] {
  const found = new Map<string, KnownProject>();
  const visit = (from: KnownProject) => {
    for (const tsconfig of referencesOf(from)) {
      if (found.has(tsconfig) || tsconfig === project.file) continue;
      const referenced = readProject(tsconfig);
      if (!isKnown(referenced)) continue;
      found.set(tsconfig, referenced);
      visit(referenced);
    }
  };
  visit(project);
  return [...found.values()];
}

/** Whether a project has no files of its own, and exists only for its references. */
const isSolution = ({ config }: Project) => config.files?.length === 0 && (config.include ?? []).length === 0;

/**
 * The project of a file: that of the nearest tsconfig.json, or the one of its references that includes the file. A file
 * that no project includes, such as a notebook beside the sources, belongs to the first reference of a tsconfig.json
 * without files of its own.
 */
export function projectOf(file: string): Project {
  const tsconfig = findTsconfig(file);
  if (tsconfig === undefined) return { file: undefined, config: {} };
  const nearest = readProject(tsconfig);
  if (!isKnown(nearest) || !nearest.config.references?.length || includes(nearest, file)) return nearest;
  const references = referencedProjects(nearest);
  const including = references.find((project) => includes(project, file));
  return including ?? (isSolution(nearest) ? references[0] : undefined) ?? nearest;
}

/** Finds the projects of files. Files of one folder and extension are taken to belong to the same project. */
export function openProjects(): (file: string) => Project {
  const known = new Map<string, Project>();
  return (file) => {
    const key = `${path.dirname(file)}\n${path.extname(file)}`;
    const project = known.get(key) ?? projectOf(file);
    known.set(key, project);
    return project;
  };
}

/** The files that a specifier may refer to by a project's `paths` and `baseUrl`, without extensions. */
export function pathsMatcher(project: Project): (specifier: string) => string[] {
  const match = isKnown(project) ? createPathsMatcher(asResult(project)) : null;
  return (specifier) => match?.(specifier) ?? [];
}

/** A project's `paths` with absolute paths. A `baseUrl` is added as a path for all names, as it has been removed from TypeScript. */
export function absolutePaths(project: Project): Record<string, string[]> {
  const match = pathsMatcher(project);
  const { paths = {}, baseUrl } = project.config.compilerOptions ?? {};
  const patterns = Object.keys(paths);
  if (baseUrl !== undefined && !patterns.includes("*")) patterns.push("*");
  return Object.fromEntries(patterns.map((pattern) => [pattern, match(pattern)]));
}
