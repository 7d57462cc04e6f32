import type { Content } from "../protocol/wire.ts";

/** A request of the Debug Adapter Protocol, as the content of a `debug_request`. */
export interface DebugRequest {
  seq: number;
  command: string;
  arguments?: Content;
}

/** The only thread that there is for the client: the one that runs cells. */
export const thread = { id: 1, name: "Cells" };

/** The content of the `debug_reply` to a request that succeeded. */
export const success = ({ seq, command }: DebugRequest, body: Content = {}): Content => ({
  type: "response",
  seq,
  request_seq: seq,
  success: true,
  command,
  body,
});

/** The content of the `debug_reply` to a request that failed: `message` says why. */
export const failure = (request: DebugRequest, message: string, body: Content = {}): Content => ({
  ...success(request, body),
  success: false,
  message,
});
