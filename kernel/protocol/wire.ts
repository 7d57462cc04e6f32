import { createHmac, timingSafeEqual } from "node:crypto";
import { type Content, isObject } from "../shared/content.ts";

/** The header of a Jupyter message. */
export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
  /** The subshell that a request is for; by default the main shell. */
  subshell_id?: string | null;
}

/** A Jupyter message, with the ZeroMQ routing identities of the client. */
export interface Message {
  identities: Uint8Array[];
  header: Header;
  parent_header: Partial<Header>;
  metadata: Content;
  content: Content;
  buffers: Uint8Array[];
}

const delimiter = Buffer.from("<IDS|MSG>");

/** The HMAC signature of a message's four parts, in hexadecimal digits; "" if the key is empty. */
export function sign(parts: readonly Uint8Array[], key: string, scheme = "hmac-sha256"): string {
  if (key === "") return "";
  const hmac = createHmac(scheme.replace(/^hmac-/, ""), key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/** Compares signatures in constant time. */
function sameSignature(actual: Uint8Array, expected: string): boolean {
  const bytes = Buffer.from(expected);
  return actual.length === bytes.length && timingSafeEqual(actual, bytes);
}

/** Encodes a message as ZeroMQ frames. */
export function encode(message: Message, key: string, scheme?: string): Uint8Array[] {
  const { header, parent_header, metadata, content } = message;
  const parts = [header, parent_header, metadata, content].map((part) => Buffer.from(JSON.stringify(part)));
  const signature = Buffer.from(sign(parts, key, scheme));
  return [...message.identities, delimiter, signature, ...parts, ...message.buffers];
}

/** Maximum nesting depth of a message, so that recursive functions on it cannot overflow the stack. */
const maxDepth = 500;

const isShallow = (value: unknown, levels = maxDepth): boolean =>
  typeof value !== "object" ||
  value === null ||
  (levels > 0 && Object.values(value).every((each) => isShallow(each, levels - 1)));

/**
 * Decodes a message from ZeroMQ frames and verifies its signature.
 *
 * @throws if the frames are not a valid message, or the signature does not match the key
 */
export function decode(frames: readonly Uint8Array[], key: string, scheme?: string): Message {
  const start = frames.findIndex((frame) => delimiter.equals(frame));
  const signature = frames[start + 1];
  const parts = frames.slice(start + 2, start + 6);
  if (start < 0 || !signature || parts.length < 4)
    throw new Error("Not a Jupyter message: a delimiter, a signature and four parts are expected.");
  if (key !== "" && !sameSignature(signature, sign(parts, key, scheme)))
    throw new Error("The message's signature does not match the key of the connection.");
  const [header, parent_header, metadata, content] = parts.map((part) =>
    JSON.parse(Buffer.from(part).toString()),
  );
  if (!isObject(header) || typeof header.msg_id !== "string" || typeof header.msg_type !== "string")
    throw new Error("The message's header has no msg_id or no msg_type.");
  if (!isObject(content)) throw new Error("The message's content is not an object.");
  if (![header, metadata, content].every((part) => isShallow(part)))
    throw new Error(`The message is nested more than ${maxDepth} levels deep.`);
  return {
    identities: frames.slice(0, start),
    header: header as Header,
    parent_header: isObject(parent_header) ? parent_header : {},
    metadata: isObject(metadata) ? metadata : {},
    content,
    buffers: frames.slice(start + 6),
  };
}

/** Creates a function that returns whether signed frames are a repetition of one of the last `limit` messages. */
export function replayDetector(limit = 65_536): (frames: readonly Uint8Array[]) => boolean {
  const seen = new Set<string>();
  return (frames) => {
    const start = frames.findIndex((frame) => delimiter.equals(frame));
    const signature = Buffer.from(frames[start + 1] ?? "").toString("latin1");
    if (signature === "") return false;
    if (seen.has(signature)) return true;
    seen.add(signature);
    const [oldest] = seen;
    if (oldest !== undefined && seen.size > limit) seen.delete(oldest);
    return false;
  };
}
