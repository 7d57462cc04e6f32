import type { Content } from "../shared/content.ts";

/** The content of a `debug_request`: a request of the Debug Adapter Protocol. */
export interface DebugRequest {
  seq: number;
  command: string;
  arguments?: Content;
}

/** The only `Thread` that clients see: the main thread, which runs cells. */
export const mainThread = { id: 1, name: "Cells" };

/** The content of the `debug_reply` to a successful request. */
export const success = ({ seq, command }: DebugRequest, body: Content = {}): Content => ({
  type: "response",
  seq,
  request_seq: seq,
  success: true,
  command,
  body,
});

/** The content of the `debug_reply` to a failed request. `message` is the error. */
export const failure = (request: DebugRequest, message: string, body: Content = {}): Content => ({
  ...success(request, body),
  success: false,
  message,
});
