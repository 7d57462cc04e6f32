import { createHash, randomBytes } from "node:crypto";
import {
  createReadStream,
  existsSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { open } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import { threadId } from "node:worker_threads";
import { flushFolder, makeFolder } from "../files/atomic-write.ts";
import { errorCode } from "../files/file-system.ts";
import { asHubError, HubError, repeatedly, request } from "./request.ts";
import type { HubSettings } from "./settings.ts";

/** A file as a hub describes it. */
export interface RemoteFile {
  /** `OWNER/NAME/FILE`, for messages. */
  readonly name: string;
  readonly address: string;
  /** In bytes. */
  readonly size: number;
  /** SHA-256 of a large file (64 hexadecimal digits), or else git's SHA-1 of a blob (40). */
  readonly hash: string;
}

/**
 * Downloads a file to `blob`, unless that exists. What an interrupted download left is continued. The bytes are in another
 * file until their number and their hash are right, so `blob` is whole whenever it exists; several processes may download
 * it at once. Throws a HubError.
 */
export async function downloadBlob(settings: HubSettings, file: RemoteFile, blob: string): Promise<void> {
  if (existsSync(blob)) return;
  makeFolder(path.dirname(blob));
  for (let restarted = false; ; restarted = true) {
    const partial = claimPartial(blob);
    try {
      const resumed = sizeOf(partial) > 0;
      await receive(settings, file, partial);
      const found = await hashOf(partial, file);
      if (found === file.hash) {
        await flush(partial);
        renameSync(partial, blob);
        flushFolder(path.dirname(blob));
        return;
      }
      rmSync(partial);
      // What was there before may have been damaged; a second time, the server's file is.
      if (!resumed || restarted) {
        throw new HubError(
          `the downloaded bytes have the hash ${found} and not ${file.hash}: the server's file is damaged`,
        );
      }
    } finally {
      active.delete(partial);
    }
  }
}

/** The partial files that this process is writing. */
const active = new Set<string>();
const HOST = hostname()
  .replaceAll(/[^\w-]/g, "-")
  .slice(0, 32);
/** After this time in ms without a change, a partial file of another machine is taken for abandoned. */
const ABANDONED = 3_600_000;

/** A file beside `blob` that only this download writes: one that an interrupted download left, or a new name. */
function claimPartial(blob: string): string {
  const folder = path.dirname(blob);
  const own = path.join(
    folder,
    `${path.basename(blob)}.${HOST}.${process.pid}-${threadId}.${randomBytes(4).toString("hex")}.incomplete`,
  );
  active.add(own);
  const left = readdirSync(folder)
    .filter((name) => name.startsWith(`${path.basename(blob)}.`) && name.endsWith(".incomplete"))
    .map((name) => path.join(folder, name))
    .filter((name) => isAbandoned(name))
    .sort((a, b) => sizeOf(b) - sizeOf(a));
  for (const [index, name] of left.entries()) {
    try {
      if (index === 0) renameSync(name, own);
      else rmSync(name);
    } catch (error) {
      // Another process has claimed it.
      if (errorCode(error) !== "ENOENT") throw error;
    }
  }
  return own;
}

function isAbandoned(partial: string): boolean {
  const [host, writer] = path.basename(partial).split(".").slice(1);
  const [pid, thread] = (writer ?? "").split("-").map(Number);
  if (active.has(partial)) return false;
  if (host !== HOST)
    return Date.now() - (statSync(partial, { throwIfNoEntry: false })?.mtimeMs ?? Number.NaN) > ABANDONED;
  if (pid === process.pid) return thread === threadId;
  try {
    process.kill(pid ?? Number.NaN, 0);
    return false;
  } catch (error) {
    return errorCode(error) === "ESRCH";
  }
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Adds bytes to `partial` until it has the file's size. */
async function receive(settings: HubSettings, file: RemoteFile, partial: string): Promise<void> {
  let before = sizeOf(partial);
  await repeatedly(
    settings,
    () => {
      before = sizeOf(partial);
      return receiveOnce(settings, file, partial);
    },
    { gained: () => sizeOf(partial) > before },
  );
}

async function receiveOnce(settings: HubSettings, file: RemoteFile, partial: string): Promise<void> {
  let received = sizeOf(partial);
  if (received > file.size) {
    truncateSync(partial, 0);
    received = 0;
  }
  settings.progress({ file: file.name, received, size: file.size });
  const output = await open(partial, "a");
  try {
    if (received === file.size) return;
    const silent = new AbortController();
    const headers: Record<string, string> = received > 0 ? { range: `bytes=${received}-` } : {};
    const response = await request(settings, file.address, { headers, signal: silent.signal });
    if (received > 0 && !continues(response, received, file.size)) {
      await output.truncate(0);
      received = 0;
      if (response.status === 206) {
        await response.body?.cancel();
        throw new HubError("the server sends another range than was asked for", { passing: true });
      }
    }
    const patience = setTimeout(
      () => silent.abort(new HubError("the server stopped sending", { passing: true })),
      settings.patience,
    );
    try {
      for await (const bytes of response.body ?? []) {
        patience.refresh();
        received += bytes.length;
        if (received > file.size) {
          await output.truncate(0);
          silent.abort();
          throw new HubError(`the server sends more than the ${file.size} bytes that it announced`, {
            passing: true,
          });
        }
        await output.writeFile(bytes);
        settings.progress({ file: file.name, received, size: file.size });
      }
    } finally {
      clearTimeout(patience);
    }
    if (received < file.size) {
      throw new HubError(`the connection ended after ${received} of ${file.size} bytes`, { passing: true });
    }
  } catch (error) {
    // Errors of the disk, a full one for example, do not pass.
    throw errorCode(error) === undefined || isNetworkError(error) ? asHubError(error) : error;
  } finally {
    await output.close();
  }
}

const isNetworkError = (error: unknown): boolean =>
  ["ECONNRESET", "ECONNREFUSED", "EPIPE", "ETIMEDOUT"].includes(errorCode(error) ?? "");

/** Whether a response has the bytes from `start` to the end of a file of `size` bytes. */
function continues(response: Response, start: number, size: number): boolean {
  const [, first, total] =
    /^bytes (\d+)-\d+\/(\d+|\*)$/.exec(response.headers.get("content-range") ?? "") ?? [];
  return response.status === 206 && Number(first) === start && (total === "*" || Number(total) === size);
}

/** The hash of a downloaded file, of the kind that the hub gave. */
async function hashOf(partial: string, { hash, size }: RemoteFile): Promise<string> {
  const digest = hash.length === 64 ? createHash("sha256") : createHash("sha1").update(`blob ${size}\0`);
  for await (const bytes of createReadStream(partial)) digest.update(bytes);
  return digest.digest("hex");
}

async function flush(file: string): Promise<void> {
  const handle = await open(file, "r+");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
