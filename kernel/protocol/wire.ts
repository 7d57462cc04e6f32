import { createHmac, timingSafeEqual } from "node:crypto";

/** The header of a Jupyter message. */
export interface Header {
  msg_id: string;
  msg_type: string;
  session: string;
  username: string;
  date: string;
  version: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a content's shape depends on the message's type
export type Content = Record<string, any>;

/** A Jupyter message, with the routing identities of the client it came from or goes to. */
export interface Message {
  identities: Uint8Array[];
  header: Header;
  parent_header: Partial<Header>;
  metadata: Content;
  content: Content;
  buffers: Uint8Array[];
}

const delimiter = Buffer.from("<IDS|MSG>");

/** Signs the four parts of a message with a key (HMAC, by default SHA-256), as hexadecimal digits; "" without a key. */
export function sign(parts: readonly Uint8Array[], key: string, scheme = "hmac-sha256"): string {
  if (key === "") return "";
  const hmac = createHmac(scheme.replace(/^hmac-/, ""), key);
  for (const part of parts) hmac.update(part);
  return hmac.digest("hex");
}

/** Whether two signatures are equal, in a time that does not depend on where they differ. */
function sameSignature(given: Uint8Array, wanted: string): boolean {
  const expected = Buffer.from(wanted);
  return given.length === expected.length && timingSafeEqual(given, expected);
}

/** A message as the frames that go over a socket. */
export function encode(message: Message, key: string, scheme?: string): Uint8Array[] {
  const { header, parent_header, metadata, content } = message;
  const parts = [header, parent_header, metadata, content].map((part) => Buffer.from(JSON.stringify(part)));
  const signature = Buffer.from(sign(parts, key, scheme));
  return [...message.identities, delimiter, signature, ...parts, ...message.buffers];
}

/** Whether a value that was JSON is an object, not a list. */
export const isObject = (value: unknown): value is Content =>
  typeof value === "object" && value !== null && !Array.isArray(value);

/** Values in values, so many at most: whatever follows a message by recursion comes to its end. */
const depth = 500;

const isShallow = (value: unknown, room = depth): boolean =>
  typeof value !== "object" ||
  value === null ||
  (room > 0 && Object.values(value).every((each) => isShallow(each, room - 1)));

/**
 * The message that frames hold.
 *
 * @throws where there is no delimiter, a part is missing, is not JSON or is nested too deeply, the signature is not
 * the key's, or the header does not say what the message is
 */
export function decode(frames: readonly Uint8Array[], key: string, scheme?: string): Message {
  const start = frames.findIndex((frame) => delimiter.equals(frame));
  const signature = frames[start + 1];
  const parts = frames.slice(start + 2, start + 6);
  if (start < 0 || !signature || parts.length < 4) throw new Error("This is no Jupyter message.");
  if (key !== "" && !sameSignature(signature, sign(parts, key, scheme)))
    throw new Error("The message's signature is not the one that the connection's key gives.");
  const [header, parent_header, metadata, content] = parts.map((part) =>
    JSON.parse(Buffer.from(part).toString()),
  );
  if (!isObject(header) || typeof header.msg_id !== "string" || typeof header.msg_type !== "string")
    throw new Error("The message's header lacks its msg_id or its msg_type.");
  if (!isObject(content)) throw new Error("The message's content is no object.");
  if (![header, metadata, content].every((part) => isShallow(part)))
    throw new Error(`The message is nested more than ${depth} deep.`);
  return {
    identities: frames.slice(0, start),
    header: header as Header,
    parent_header: isObject(parent_header) ? parent_header : {},
    metadata: isObject(metadata) ? metadata : {},
    content,
    buffers: frames.slice(start + 6),
  };
}

/** Tells of frames whether they were given before: of signed ones, among the last `limit`. */
export function replays(limit = 65_536): (frames: readonly Uint8Array[]) => boolean {
  const seen = new Set<string>();
  return (frames) => {
    const start = frames.findIndex((frame) => delimiter.equals(frame));
    const signature = Buffer.from(frames[start + 1] ?? "").toString("latin1");
    if (signature === "") return false;
    if (seen.has(signature)) return true;
    seen.add(signature);
    if (seen.size > limit) seen.delete(seen.values().next().value!);
    return false;
  };
}
