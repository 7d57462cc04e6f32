import { readFileSync } from "node:fs";

/** The contents of a Jupyter connection file. */
export interface Connection {
  transport: "tcp" | "ipc";
  ip: string;
  key: string;
  signature_scheme: string;
  shell_port: number;
  iopub_port: number;
  stdin_port: number;
  control_port: number;
  hb_port: number;
}

/**
 * Reads a connection file.
 *
 * @throws if the file cannot be read or properties are missing
 */
export function readConnection(file: string): Connection {
  let connection: Connection;
  try {
    connection = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`The connection file ${file} cannot be read: ${(error as Error).message}.`);
  }
  const missing = ["ip", "key", "shell_port", "iopub_port", "stdin_port", "control_port", "hb_port"].filter(
    (name) => !(name in connection),
  );
  if (missing.length > 0)
    throw new Error(
      `The connection file ${file} lacks ${missing.join(", ")}: pass the connection file that Jupyter writes.`,
    );
  return connection;
}

/** The content of a `connect_reply`: the ports of the sockets. */
export function connectReply(connection: Connection): Record<string, unknown> {
  const { shell_port, iopub_port, stdin_port, control_port, hb_port } = connection;
  return { status: "ok", shell_port, iopub_port, stdin_port, control_port, hb_port };
}

/** Where a socket listens: a TCP port, or the path of a Unix socket. */
export type Endpoint = { host: string; port: number } | { path: string };

/** Where a socket of a connection listens. */
export function endpointOf(
  connection: Connection,
  socket: "shell" | "iopub" | "stdin" | "control" | "hb",
): Endpoint {
  const port = connection[`${socket}_port`];
  const { transport = "tcp", ip } = connection;
  if (transport !== "ipc") return { host: ip === "*" ? "0.0.0.0" : ip, port };
  // As in ZeroMQ, "@" stands for Linux's abstract namespace.
  return { path: `${ip}-${port}`.replace(/^@/, "\0") };
}
