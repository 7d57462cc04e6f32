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

/** The ZeroMQ endpoint of a socket. */
export function addressOf(
  connection: Connection,
  socket: "shell" | "iopub" | "stdin" | "control" | "hb",
): string {
  const port = connection[`${socket}_port`];
  const { transport = "tcp", ip } = connection;
  return transport === "ipc" ? `ipc://${ip}-${port}` : `tcp://${ip}:${port}`;
}
