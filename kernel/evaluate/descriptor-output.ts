import fs from "node:fs";

/** The stream of a descriptor of this process; undefined for files. */
const streamOf = (target: unknown): NodeJS.WriteStream | undefined =>
  target === 1 ? process.stdout : target === 2 ? process.stderr : undefined;

/** The bytes that `fs.write` is told to write by its arguments after the descriptor. */
export function bytesToWrite(data: unknown, ...rest: unknown[]): Buffer {
  if (typeof data === "string") return Buffer.from(data, rest[1] as BufferEncoding | undefined);
  const { buffer, byteOffset, byteLength } = data as Uint8Array;
  const bytes = Buffer.from(buffer, byteOffset, byteLength);
  const [first, second] = rest;
  const options = typeof first === "object" && first !== null ? first : { offset: first, length: second };
  const { offset, length } = options as { offset?: number | null; length?: number | null };
  const start = offset ?? 0;
  return bytes.subarray(start, start + (length ?? byteLength));
}

/** The bytes that `fs.writeFile` is told to write. */
const contentBytes = (data: unknown, options: unknown): Buffer => {
  const encoding =
    typeof options === "string" ? options : (options as { encoding?: string } | null)?.encoding;
  return bytesToWrite(data, undefined, encoding ?? undefined);
};

type Callback = (error: null, count?: number, data?: unknown) => void;
type Write = (target: unknown, data: unknown, ...rest: unknown[]) => unknown;

/** Makes what is written to the descriptors 1 and 2 by functions of `node:fs` appear in the notebook. */
export function captureDescriptors(): void {
  const functions = fs as unknown as Record<string, Write>;

  /** Replaces a function for the two descriptors. `bytesOf` takes its arguments after the descriptor. */
  const replace = (name: string, bytesOf: (...args: unknown[]) => Buffer, returnsCount: boolean) => {
    const original = functions[name];
    if (!original) return;
    functions[name] = (target, data, ...rest) => {
      const stream = streamOf(target);
      if (!stream) return original(target, data, ...rest);
      const last = rest.at(-1);
      const done = typeof last === "function" ? (last as Callback) : undefined;
      const bytes = bytesOf(data, ...(done ? rest.slice(0, -1) : rest));
      stream.write(bytes);
      const result: [null, number?, unknown?] = returnsCount ? [null, bytes.length, data] : [null];
      if (done) setImmediate(() => done(...result));
      return done || !returnsCount ? undefined : bytes.length;
    };
  };
  const all = (parts: unknown) => Buffer.concat((parts as Uint8Array[]).map((part) => bytesToWrite(part)));
  for (const name of ["write", "writeSync"]) replace(name, bytesToWrite, true);
  for (const name of ["writev", "writevSync"]) replace(name, all, true);
  for (const name of ["writeFile", "writeFileSync", "appendFile", "appendFileSync"])
    replace(name, contentBytes, false);
}
