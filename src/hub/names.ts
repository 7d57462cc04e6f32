import { quoted } from "../files/quoted.ts";

/** A repository of a hub. */
export interface HubRepository {
  readonly type: "model" | "dataset";
  /** `OWNER/NAME`, or `NAME` for the models that have no owner. */
  readonly name: string;
}

/** A repository at a revision: a branch, a tag, a commit's hash or a ref such as `refs/pr/1`. */
export interface HubReference extends HubRepository {
  readonly revision: string;
}

/** The revision where none is given. */
export const DEFAULT_REVISION = "main";

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,95}$/;
const REVISION = /^[A-Za-z0-9_][A-Za-z0-9._/+-]{0,254}$/;
const COMMIT = /^[0-9a-f]{40}$/;
const REFERENCE = /^([^@]*?)(?:@((?:refs\/(?:convert|pr)\/)?[^/]+))?$/;
const FILE = /^hf:\/\/datasets\/([^/@]+\/[^/@]+)(?:@((?:refs\/(?:convert|pr)\/)?[^/]+))?\/(.+)$/;

/** Whether a revision is a commit's whole hash, whose files never change. */
export function isCommit(revision: string): boolean {
  return COMMIT.test(revision);
}

/**
 * The model that `OWNER/NAME[@REVISION]` names; `revision` applies where the name has none. Throws if it is no name of a
 * model.
 */
export function parseModelName(name: string, revision?: string): HubReference {
  const [, repository = "", own] = REFERENCE.exec(name) ?? [];
  const parts = repository.split("/");
  if (parts.length > 2 || !parts.every(isName)) {
    throw new Error(`${quoted(name)} is not a model's name: give OWNER/NAME or OWNER/NAME@REVISION.`);
  }
  return { type: "model", name: repository, revision: checkedRevision(own ?? revision ?? DEFAULT_REVISION) };
}

/** Whether a text is meant to name a file of a hub. */
export function isHubFile(reference: string): boolean {
  return reference.startsWith("hf://");
}

/** The file that `hf://datasets/OWNER/NAME[@REVISION]/FILE` names. Throws if it has another form. */
export function parseHubFile(reference: string): HubReference & { readonly file: string } {
  const [, name, revision, file] = FILE.exec(reference) ?? [];
  if (name === undefined || file === undefined || !name.split("/").every(isName)) {
    throw new Error(
      `${quoted(reference)} is not a file of a data set: give hf://datasets/OWNER/NAME/FILE or ` +
        "hf://datasets/OWNER/NAME@REVISION/FILE.",
    );
  }
  const decoded = revision === undefined ? DEFAULT_REVISION : checkedRevision(unescaped(revision));
  return { type: "dataset", name, revision: decoded, file: checkedFile(file) };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * The name of a file in a repository. Throws if it could lead out of the folder it is put into: `..`, an absolute path, a
 * backslash, a drive's letter, or a control character.
 */
export function checkedFile(file: string): string {
  const parts = file.split("/");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
  const isSafe = file.length <= 1024 && !/[\\:\x00-\x1f\x7f]/.test(file) && parts.every(isSafePart);
  if (isSafe) return file;
  throw new Error(
    `The file name ${quoted(file)} could lead out of its folder: names are relative, with forward slashes and without "..".`,
  );
}

const isSafePart = (part: string): boolean => part !== "" && part !== "." && part !== "..";

function checkedRevision(revision: string): string {
  if (REVISION.test(revision) && !revision.includes("..") && revision.split("/").every(isSafePart))
    return revision;
  throw new Error(`${quoted(revision)} is not a revision: give a branch, a tag or a commit's hash.`);
}

function isName(part: string): boolean {
  return NAME.test(part) && !part.includes("..") && !part.includes("--") && !/[.-]$/.test(part);
}
