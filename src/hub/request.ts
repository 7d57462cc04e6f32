import { setTimeout as sleep } from "node:timers/promises";
import { errorCode } from "../files/file-system.ts";
import { visibleLine } from "../files/visible-text.ts";
import type { HubSettings } from "./settings.ts";

/** A request that failed. */
export class HubError extends Error {
  /** Whether the server may answer another time. */
  readonly passing: boolean;
  /** Whether it is worth while to ask again at once. */
  readonly repeated: boolean;
  /** How long the server asks to wait, in ms. */
  readonly wait: number;

  constructor(
    message: string,
    {
      passing = false,
      repeated = passing,
      wait = 0,
    }: { passing?: boolean; repeated?: boolean; wait?: number } = {},
  ) {
    super(message);
    this.passing = passing;
    this.repeated = repeated;
    this.wait = wait;
  }
}

/** The longest time that a server may ask to wait, in ms. */
const LONGEST_WAIT = 300_000;
/** The most bytes of a listing. */
const LARGEST_LISTING = 64_000_000;
const MOST_REDIRECTS = 5;

/** What to request. */
export interface HubRequest {
  readonly method?: "GET" | "HEAD";
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  /** Whether redirects to where large files are stored are followed. If not, the answer may be such a redirect. */
  readonly elsewhere?: boolean;
}

/**
 * Requests an address once. Redirects are followed; the token goes to the endpoint's own origin only. Throws a HubError
 * for an answer that is neither success nor, unless `elsewhere`, such a redirect.
 */
export async function request(
  settings: HubSettings,
  address: string,
  { method = "GET", headers = {}, signal, elsewhere = true }: HubRequest = {},
): Promise<Response> {
  const { origin } = new URL(settings.endpoint);
  let url = new URL(address);
  for (let redirects = 0; ; redirects++) {
    const own = url.origin === origin;
    const response = await send(url, settings, {
      method,
      redirect: "manual",
      ...(signal && { signal }),
      headers: {
        ...headers,
        // Sizes and ranges are those of the file itself.
        "accept-encoding": "identity",
        "user-agent": "allroads",
        ...(own && settings.token && { authorization: `Bearer ${settings.token}` }),
      },
    });
    const location = response.headers.get("location");
    if (response.status < 300 || response.status >= 400 || location === null) {
      if (!response.ok) {
        await response.body?.cancel();
        throw refusal(response, url);
      }
      return response;
    }
    const next = new URL(location, url);
    if (!elsewhere && (next.origin !== url.origin || response.headers.has("x-linked-etag"))) return response;
    await response.body?.cancel();
    if (redirects === MOST_REDIRECTS)
      throw new HubError(`${url.host} redirects more than ${MOST_REDIRECTS} times`);
    if (!/^https?:$/.test(next.protocol) || (url.protocol === "https:" && next.protocol === "http:")) {
      throw new HubError(
        `${url.host} redirects to ${visibleLine(next.href.slice(0, 200))}, which is not safe`,
      );
    }
    url = next;
  }
}

/** The JSON of an answer of at most 64 MB, requested again while failures may pass. */
export function requestJson(settings: HubSettings, address: string): Promise<unknown> {
  return repeatedly(settings, async () => {
    const response = await request(settings, address);
    const pieces: Uint8Array[] = [];
    let size = 0;
    try {
      for await (const piece of response.body ?? []) {
        size += piece.length;
        if (size > LARGEST_LISTING) throw new HubError(`the answer is longer than ${LARGEST_LISTING} bytes`);
        pieces.push(piece);
      }
    } catch (error) {
      throw asHubError(error);
    }
    try {
      return JSON.parse(Buffer.concat(pieces).toString("utf8"));
    } catch {
      throw new HubError(`${new URL(address).host} answers with something that is not JSON`);
    }
  });
}

/** Options of `repeatedly`. */
interface Repetition {
  /** Whether something was gained before a failure: it does not count then. */
  readonly gained?: () => boolean;
}

/** Calls `attempt` until it succeeds, fails for good or has failed too often; waits longer each time. */
export async function repeatedly<T>(
  settings: HubSettings,
  attempt: () => Promise<T>,
  { gained = () => false }: Repetition = {},
): Promise<T> {
  const { default: pRetry } = await import("p-retry");
  return pRetry(attempt, {
    retries: settings.retries,
    minTimeout: settings.pause,
    maxTimeout: 60_000,
    randomize: settings.pause > 0,
    shouldConsumeRetry: () => !gained(),
    shouldRetry: ({ error }) => error instanceof HubError && error.repeated,
    onFailedAttempt: async ({ error, retriesLeft }) => {
      if (!(error instanceof HubError) || !error.passing || retriesLeft === 0 || error.wait === 0) return;
      if (error.wait > LONGEST_WAIT)
        throw new HubError(`${error.message}, in ${Math.ceil(error.wait / 1000)} s`);
      await sleep(error.wait);
    },
  });
}

/** One request, with the time that the server may be silent before its answer. */
async function send(url: URL, settings: HubSettings, init: RequestInit): Promise<Response> {
  const silent = new AbortController();
  const timer = setTimeout(
    () => silent.abort(new HubError(`${url.host} does not answer`, { passing: true })),
    settings.patience,
  );
  const signal = init.signal ? AbortSignal.any([init.signal, silent.signal]) : silent.signal;
  try {
    return await fetch(url, { ...init, signal });
  } catch (error) {
    throw asHubError(error, url);
  } finally {
    clearTimeout(timer);
  }
}

/** A failure of the network as an error that may pass. */
export function asHubError(error: unknown, url?: URL): HubError {
  if (error instanceof HubError) return error;
  const { message, cause } = error as Error;
  const reason = cause instanceof Error && cause.message !== "" ? cause.message : message;
  // A machine without a network knows no host's address; that does not change within seconds.
  const repeated = errorCode(cause) !== "ENOTFOUND";
  return new HubError(`${url === undefined ? "" : `${url.host}: `}${visibleLine(reason)}`, {
    passing: true,
    repeated,
  });
}

/** The error of an answer that is no success. */
function refusal({ status, headers }: Response, { host }: URL): HubError {
  const code = headers.get("x-error-code");
  if (status === 429 || status >= 500) {
    const reason = status === 429 ? "too many requests" : "the server has a problem";
    return new HubError(`${host} answers ${status}, ${reason}`, { passing: true, wait: waitOf(headers) });
  }
  if (code === "GatedRepo") {
    return new HubError("its authors grant access on request: accept their terms and set HF_TOKEN");
  }
  if (status === 401 || status === 403) {
    return new HubError(
      `${host} answers ${status}: the name is wrong, or it is private and HF_TOKEN gives no access`,
    );
  }
  if (status === 404) {
    const what =
      code === "RevisionNotFound"
        ? "no such revision"
        : code === "EntryNotFound"
          ? "no such file"
          : "not found";
    return new HubError(`${host} answers 404, ${what}`);
  }
  return new HubError(`${host} answers ${status}`);
}

/** The time that `Retry-After` asks to wait, in ms: it has seconds or a date. */
function waitOf(headers: Headers): number {
  const value = headers.get("retry-after");
  if (value === null) return 0;
  const wait = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - Date.now();
  return wait > 0 ? wait : 0;
}
