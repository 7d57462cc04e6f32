import { parseJson } from "../files/json.ts";
import { readUtf8 } from "../files/read-utf8.ts";
import { blobFile, cachedCommit, cachedFile, linkBlob, snapshotFolder, writeRef } from "./cache.ts";
import { downloadBlob } from "./download.ts";
import { checkedFile, type HubReference, isCommit, parseHubFile, parseModelName } from "./names.ts";
import { HubError, repeatedly, request, requestJson } from "./request.ts";
import { type HubSettings, hubSettings } from "./settings.ts";

/** A model's files in the cache. */
export interface ModelSnapshot {
  /** The folder with config.json, tokenizer.json and the weights. */
  readonly folder: string;
  /** The hash of the commit that the revision is. */
  readonly commit: string;
}

/**
 * The local path of a data set's file, `hf://datasets/OWNER/NAME[@REVISION]/FILE`: from the cache, or downloaded into it.
 * A file of a commit that is cached takes no request. For a branch the hub is asked which commit it is; if it does not
 * answer, the cached file counts, and `tell` says so.
 *
 * @throws if the name is wrong, or the file is not cached and cannot be downloaded
 */
export async function hubFile(reference: string, changes: Partial<HubSettings> = {}): Promise<string> {
  const settings = hubSettings(changes);
  const target = parseHubFile(reference);
  const { file } = target;
  return failing(reference, async () => {
    const cached = cachedAt(settings, target, (commit) => cachedFile(settings.cache, target, commit, file));
    return orCached(
      settings,
      reference,
      cached,
      async (patient) => (await fetchFile(patient, target, file)).place,
    );
  });
}

/**
 * The local folder of a model's files, by `OWNER/NAME` or `OWNER/NAME@REVISION`: config.json, tokenizer.json, the other
 * JSON files beside them, and safetensors with their index. Pickled weights and code are not fetched. What is cached is
 * used as by `hubFile`.
 *
 * @throws if the name is wrong, the model has no safetensors, or a file is not cached and cannot be downloaded
 */
export async function modelSnapshot(
  name: string,
  revision?: string,
  changes: Partial<HubSettings> = {},
): Promise<ModelSnapshot> {
  const settings = hubSettings(changes);
  const target = parseModelName(name, revision);
  return failing(name, async () => {
    const cached = cachedAt(settings, target, (commit) => wholeSnapshot(settings.cache, target, commit));
    return orCached(settings, name, cached, (patient) => fetchSnapshot(patient, target));
  });
}

/**
 * The cached files of a model as `modelSnapshot` would find them, without a request; undefined if a file is missing. A
 * branch is the commit that it was when it was last asked for.
 */
export function cachedModelSnapshot(
  name: string,
  revision?: string,
  changes: Partial<HubSettings> = {},
): ModelSnapshot | undefined {
  const settings = hubSettings(changes);
  const target = parseModelName(name, revision);
  return cachedAt(settings, target, (commit) => wholeSnapshot(settings.cache, target, commit))?.found;
}

/** The names of the files that are fetched of a model: of its top folder. */
const MODEL_FILE = /^[^/]+\.(?:safetensors|json)$/;
const NEEDED = ["config.json", "tokenizer.json"];
const SINGLE = "model.safetensors";
const INDEX = "model.safetensors.index.json";
/** The largest index that is read, in bytes. */
const LARGEST_INDEX = 64_000_000;

/** What the cache has for a reference. */
interface Cached<T> {
  readonly found: T;
  readonly commit: string;
  /** Whether nothing needs to be asked: the revision is a commit, or nothing may be requested. */
  readonly isFinal: boolean;
}

function cachedAt<T>(
  { cache, offline }: HubSettings,
  reference: HubReference,
  find: (commit: string) => T | undefined,
): Cached<T> | undefined {
  const commit = cachedCommit(cache, reference);
  const found = commit === undefined ? undefined : find(commit);
  if (commit === undefined || found === undefined) return undefined;
  return { found, commit, isFinal: offline || isCommit(reference.revision) };
}

/** What is cached if that is final, or else what `fetched` gives, or if the hub does not answer, what is cached. */
async function orCached<T>(
  settings: HubSettings,
  name: string,
  cached: Cached<T> | undefined,
  fetched: (settings: HubSettings) => Promise<T>,
): Promise<T> {
  if (cached?.isFinal) return cached.found;
  if (settings.offline) throw new HubError("HF_HUB_OFFLINE is set and it is not in the cache");
  try {
    // Nobody should wait long for a server if there is another answer.
    return await fetched(
      cached === undefined ? settings : { ...settings, retries: Math.min(settings.retries, 1) },
    );
  } catch (error) {
    if (cached === undefined || !(error instanceof HubError) || !error.passing) throw error;
    settings.tell(
      `${name}: the hub does not answer (${error.message}); using commit ${cached.commit} from the cache.`,
    );
    return cached.found;
  }
}

/** The snapshot of a commit if the cache has its configuration, its tokenizer and all of its weights. */
function wholeSnapshot(cache: string, reference: HubReference, commit: string): ModelSnapshot | undefined {
  const isCached = (file: string) => cachedFile(cache, reference, commit, file) !== undefined;
  if (!NEEDED.every(isCached)) return undefined;
  const index = cachedFile(cache, reference, commit, INDEX);
  const weights = index === undefined ? [SINGLE] : shardsOf(index);
  if (!weights.every(isCached)) return undefined;
  return { folder: snapshotFolder(cache, reference, commit), commit };
}

/** The files that an index names. */
function shardsOf(file: string): string[] {
  let index: unknown;
  try {
    index = parseJson(readUtf8(file, LARGEST_INDEX));
  } catch (error) {
    throw new HubError(`${file} cannot be read: ${(error as Error).message}`);
  }
  const { weight_map: files } = Object(index) as { weight_map?: unknown };
  const names = Object.values(Object(files));
  if (names.length === 0 || !names.every((name) => typeof name === "string")) {
    throw new HubError(`${file} names no files of weights`);
  }
  return [...new Set(names as string[])].map(checkedFile);
}

async function fetchSnapshot(settings: HubSettings, reference: HubReference): Promise<ModelSnapshot> {
  const { type, name, revision } = reference;
  const address = `${settings.endpoint}/api/${type}s/${name}/revision/${encodeURIComponent(revision)}`;
  const { commit, files } = checkedListing(await requestJson(settings, address));
  const wanted = files.filter((file) => MODEL_FILE.test(file));
  const missing = NEEDED.find((file) => !files.includes(file));
  if (missing !== undefined) throw new HubError(`it has no ${missing}`);
  if (!files.includes(SINGLE) && !files.includes(INDEX)) {
    throw new HubError(
      "it has no model.safetensors, and pickled weights are not read: choose a revision with safetensors",
    );
  }
  const { default: PQueue } = await import("p-queue");
  const queue = new PQueue({ concurrency: 4 });
  const at = { ...reference, revision: commit };
  await queue.addAll(wanted.map((file) => () => fetchFile(settings, at, file)));
  writeRef(settings.cache, reference, commit);
  const snapshot = wholeSnapshot(settings.cache, reference, commit);
  if (snapshot === undefined) throw new HubError(`${INDEX} names files that the model does not have`);
  return snapshot;
}

/** The commit and the file names of a hub's answer. */
function checkedListing(answer: unknown): { commit: string; files: string[] } {
  const { sha, siblings } = (answer ?? {}) as { sha?: unknown; siblings?: unknown };
  const files = (Array.isArray(siblings) ? siblings : []).map((one) => one?.rfilename);
  if (typeof sha !== "string" || !isCommit(sha) || !files.every((file) => typeof file === "string")) {
    throw new HubError("the hub's list of files has neither a commit nor names");
  }
  return { commit: sha, files: files.map(checkedFile) };
}

/** Downloads a file that the cache does not have; returns its path and its commit. */
async function fetchFile(
  settings: HubSettings,
  reference: HubReference,
  file: string,
): Promise<{ place: string; commit: string }> {
  const { cache } = settings;
  const { type, name, revision } = reference;
  const known = isCommit(revision) ? cachedFile(cache, reference, revision, file) : undefined;
  if (known !== undefined) return { place: known, commit: revision };
  const folder = type === "model" ? name : `${type}s/${name}`;
  const resolve = (at: string) =>
    `${settings.endpoint}/${folder}/resolve/${encodeURIComponent(at)}/${file.split("/").map(encodeURIComponent).join("/")}`;
  const { commit, size, hash } = await describe(settings, resolve(revision));
  if (isCommit(revision) && commit !== revision)
    throw new HubError(`the hub gives commit ${commit} for ${revision}`);
  let place = cachedFile(cache, reference, commit, file);
  if (place === undefined) {
    const blob = blobFile(cache, reference, hash);
    await downloadBlob(settings, { name: `${name}/${file}`, address: resolve(commit), size, hash }, blob);
    place = linkBlob(cache, reference, commit, file, blob);
  }
  writeRef(cache, reference, commit);
  return { place, commit };
}

/** Asks for the commit, the size and the hash of a file. */
function describe(
  settings: HubSettings,
  address: string,
): Promise<{ commit: string; size: number; hash: string }> {
  return repeatedly(settings, async () => {
    const { headers, status } = await request(settings, address, { method: "HEAD", elsewhere: false });
    const isHere = status < 300;
    const commit = headers.get("x-repo-commit") ?? "";
    const hash = (headers.get("x-linked-etag") ?? (isHere ? headers.get("etag") : null) ?? "").replace(
      /^W\/|"/g,
      "",
    );
    const length = headers.get("x-linked-size") ?? (isHere ? headers.get("content-length") : null) ?? "";
    const size = Number(length);
    if (isCommit(commit) && /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(hash) && /^\d{1,15}$/.test(length)) {
      return { commit, size, hash };
    }
    throw new HubError(
      "the hub does not give the commit, the size and the hash of the file, so it cannot be verified",
    );
  });
}

/** What `task` gives; an error names what was asked for. */
async function failing<T>(name: string, task: () => Promise<T>): Promise<T> {
  try {
    return await task();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `${name} could not be fetched (${reason}): check the name and the network, or give a local path.`,
      {
        cause: error,
      },
    );
  }
}
