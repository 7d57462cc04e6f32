import { readFileSync } from "node:fs";
import { homedir } from "node:os";
import path from "node:path";
import { visibleLine } from "../files/visible-text.ts";

/** Where a hub is and how it is used. */
export interface HubSettings {
  /** The address of the hub, without a final slash. */
  readonly endpoint: string;
  /** What identifies the user to the hub, and to no other host. */
  readonly token?: string;
  /** The folder of the cache, in the layout that huggingface_hub has. */
  readonly cache: string;
  /** Whether nothing may be requested. */
  readonly offline: boolean;
  /** How often a request is repeated that failed for a reason that may pass. */
  readonly retries: number;
  /** The pause before the first repetition, in ms; each is twice as long as the one before. */
  readonly pause: number;
  /** How long a server may send nothing, in ms. */
  readonly patience: number;
  /** Tells the user a sentence. */
  readonly tell: (sentence: string) => void;
  /** Is told how many bytes of a file have arrived. */
  readonly progress: (download: HubDownload) => void;
}

/** The state of a download. */
export interface HubDownload {
  /** `OWNER/NAME/FILE`. */
  readonly file: string;
  readonly received: number;
  readonly size: number;
}

/** The hub's address if `HF_ENDPOINT` names no other. */
const ENDPOINT = "https://huggingface.co";

/**
 * The settings by the variables that huggingface_hub reads: `HF_ENDPOINT`, `HF_TOKEN` (or the file that its login writes),
 * `HF_HUB_CACHE`, `HF_HOME` and `HF_HUB_OFFLINE`. Throws if the endpoint is not an http address.
 */
export function hubSettings(
  changes: Partial<HubSettings> = {},
  env: Readonly<Record<string, string | undefined>> = process.env,
): HubSettings {
  const home = env.HF_HOME
    ? folder(env.HF_HOME)
    : path.join(env.XDG_CACHE_HOME || path.join(homedir(), ".cache"), "huggingface");
  const token = tokenOf(env, home);
  return {
    endpoint: checkedEndpoint(env.HF_ENDPOINT || ENDPOINT),
    ...(token && { token }),
    cache: folder(env.HF_HUB_CACHE || env.HUGGINGFACE_HUB_CACHE || path.join(home, "hub")),
    offline: isTrue(env.HF_HUB_OFFLINE) || isTrue(env.TRANSFORMERS_OFFLINE),
    retries: 4,
    pause: 1000,
    patience: 30_000,
    tell,
    progress: progressLines(tell),
    ...changes,
  };
}

function tell(sentence: string): void {
  process.stderr.write(`${visibleLine(sentence)}\n`);
}

/** The time in ms between two lines about downloads. */
const INTERVAL = 10_000;

/** Tells how far downloads have come: nothing of short ones, and a line every 10 seconds of long ones. */
export function progressLines(
  tell: (sentence: string) => void,
  now: () => number = () => performance.now(),
): (download: HubDownload) => void {
  let last = now();
  return ({ file, received, size }) => {
    if (received === 0) last = Math.max(last, now() - INTERVAL / 2);
    if (now() - last < INTERVAL) return;
    last = now();
    const percent = size === 0 ? 100 : Math.floor((100 * received) / size);
    tell(`${file}: ${percent} % of ${(size / 1e6).toFixed(1)} MB`);
  };
}

const isTrue = (value: string | undefined): boolean => /^(1|on|yes|true)$/i.test(value ?? "");

const folder = (name: string): string => path.resolve(name.replace(/^~(?=\/|$)/, homedir()));

function checkedEndpoint(endpoint: string): string {
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  if (url?.protocol === "https:" || url?.protocol === "http:") return endpoint.replace(/\/+$/, "");
  throw new Error(`HF_ENDPOINT must be an address that begins with https:// or http://, not "${endpoint}".`);
}

function tokenOf(env: Readonly<Record<string, string | undefined>>, home: string): string | undefined {
  const given = clean(env.HF_TOKEN) ?? clean(env.HUGGING_FACE_HUB_TOKEN);
  if (given !== undefined || isTrue(env.HF_HUB_DISABLE_IMPLICIT_TOKEN)) return given;
  try {
    return clean(readFileSync(env.HF_TOKEN_PATH || path.join(home, "token"), "utf8"));
  } catch {
    return undefined;
  }
}

/** A token without what a copied one may bring along; undefined if nothing is left or it cannot be sent. */
function clean(token: string | undefined): string | undefined {
  const trimmed = token?.trim();
  return trimmed && /^[\x21-\x7e]+$/.test(trimmed) ? trimmed : undefined;
}
