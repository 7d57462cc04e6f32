import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import type { HubSettings } from "../../src/hub/settings.ts";

/** What a server does wrong with one request for the bytes or the description of a file. */
export interface Fault {
  /** Answers with this status. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Drops the connection after so many bytes. */
  readonly drop?: number;
  /** Sends nothing more after so many bytes. */
  readonly stall?: number;
  /** Changes the first byte that it sends. */
  readonly damage?: boolean;
  /** Sends so many bytes too many. */
  readonly surplus?: number;
  /** Ignores a range. */
  readonly whole?: boolean;
}

/** A file of a repository; large files are stored apart, and have a SHA-256. */
export interface LocalFile {
  readonly bytes: Buffer;
  readonly large?: boolean;
}

/** A hub on this machine with one repository. */
export interface LocalHub {
  readonly endpoint: string;
  readonly commit: string;
  /** The requests so far, as `GET /path`. */
  readonly requests: string[];
  /** The headers of the requests so far. */
  readonly headers: IncomingMessage["headers"][];
  /** The faults of the next requests for bytes, for descriptions and for lists. */
  readonly faults: { get: Fault[]; head: Fault[]; list: Fault[] };
  /** Where large files are sent from, if not from here. */
  elsewhere?: string;
  /** Changes of the list of files. */
  names?: readonly string[];
  close(): Promise<void>;
}

/** The hash by which the hub names a file's bytes. */
export function hashOf({ bytes, large = false }: LocalFile): string {
  return large
    ? createHash("sha256").update(bytes).digest("hex")
    : createHash("sha1").update(`blob ${bytes.length}\0`).update(bytes).digest("hex");
}

/** Starts a hub with the files of one repository, until the current test ends. */
export async function localHub(
  files: Readonly<Record<string, LocalFile>>,
  commit = "c0ffee".padEnd(40, "0"),
) {
  const hub = {
    commit,
    requests: [] as string[],
    headers: [] as IncomingMessage["headers"][],
    faults: { get: [] as Fault[], head: [] as Fault[], list: [] as Fault[] },
  } as LocalHub & { endpoint: string };
  const server = createServer((request, response) => answer(hub, files, request, response));
  hub.close = () => closed(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  hub.endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  onTestFinished(hub.close);
  return hub;
}

/** Settings for a local hub and a cache, with short pauses. */
export function settingsFor(
  hub: { endpoint: string },
  cache: string,
): Partial<HubSettings> & { told: string[] } {
  const told: string[] = [];
  return {
    endpoint: hub.endpoint,
    cache,
    pause: 1,
    retries: 3,
    patience: 2000,
    told,
    tell: (text) => told.push(text),
  };
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

function answer(
  hub: LocalHub,
  files: Readonly<Record<string, LocalFile>>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const { method = "GET", url = "/" } = request;
  hub.requests.push(`${method} ${url}`);
  hub.headers.push(request.headers);
  const isList = url.startsWith("/api/");
  const fault =
    (isList ? hub.faults.list : method === "HEAD" ? hub.faults.head : hub.faults.get).shift() ?? {};
  if (fault.status !== undefined) {
    response.writeHead(fault.status, fault.headers).end();
    return;
  }
  if (isList) {
    if (fault.drop !== undefined) {
      request.socket.destroy();
      return;
    }
    const names = hub.names ?? Object.keys(files);
    const list = url.includes("/tree/")
      ? names.map((path) => ({
          type: "file",
          path,
          size: files[path]?.bytes.length,
          oid: hashOf(files[path]!),
        }))
      : { id: "o/n", sha: hub.commit, siblings: names.map((rfilename) => ({ rfilename })) };
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(list));
    return;
  }
  const name = decodeURIComponent(/\/(?:resolve\/[^/]+|stored)\/(.+)$/.exec(url)?.[1] ?? "");
  const file = files[name];
  if (file === undefined) {
    response.writeHead(404, { "x-error-code": "EntryNotFound" }).end();
    return;
  }
  const { bytes, large = false } = file;
  if (large && !url.startsWith("/stored/")) {
    response.writeHead(302, {
      location: `${hub.elsewhere ?? ""}/stored/${name}`,
      "x-repo-commit": hub.commit,
      "x-linked-etag": `"${hashOf(file)}"`,
      "x-linked-size": String(bytes.length),
      ...fault.headers,
    });
    response.end();
    return;
  }
  const start = fault.whole ? 0 : Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  const sent = Buffer.concat([bytes.subarray(start), Buffer.alloc(fault.surplus ?? 0)]);
  if (fault.damage) sent[0] = (sent[0] ?? 0) ^ 1;
  response.writeHead(start > 0 ? 206 : 200, {
    "content-length": sent.length,
    etag: `"${hashOf(file)}"`,
    "x-repo-commit": hub.commit,
    ...(start > 0 && { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` }),
    ...fault.headers,
  });
  const cut = fault.drop ?? fault.stall;
  if (method === "HEAD" || cut === undefined) {
    response.end(method === "HEAD" ? undefined : sent);
    return;
  }
  response.write(sent.subarray(0, cut), () => {
    if (fault.drop !== undefined) setTimeout(() => request.socket.destroy(), 100);
  });
}
