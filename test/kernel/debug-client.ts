import type { Content } from "../../kernel/protocol/wire.ts";
import type { KernelClient } from "./kernel-client.ts";

/** A client of the debugger, as JupyterLab is one. */
export interface DebugClient {
  /** Sends a request; resolves with the content of its reply. */
  ask(command: string, given?: Content): Promise<Content>;
  /** The same, where it must succeed: the body of the reply. */
  body(command: string, given?: Content): Promise<Content>;
  /** Starts the debugger as JupyterLab does. */
  start(): Promise<void>;
  /** Sets breakpoints in a cell that is not run yet; resolves with its path. */
  breakIn(code: string, ...lines: number[]): Promise<string>;
  /** Waits for an event, from now on. */
  event(name: string): Promise<Content>;
  /** Sends a request and waits for the program to stop again: its frames, as "name:line". */
  until(command: string): Promise<string[]>;
  /** The frames, as "name:line". */
  stack(): Promise<string[]>;
  /** The variables of a scope of the frame with this index, by name. */
  scope(name: string, frame?: number): Promise<Record<string, string>>;
}

/** Makes a client of a kernel's debugger. */
export function debugClient(kernel: KernelClient): DebugClient {
  let seq = 0;
  const ask: DebugClient["ask"] = (command, given = {}) => {
    seq += 1;
    return kernel.ask("control", "debug_request", { type: "request", seq, command, arguments: given });
  };
  const body: DebugClient["body"] = async (command, given) => {
    const reply = await ask(command, given);
    if (!reply.success) throw new Error(`${command}: ${reply.message}`);
    return reply.body;
  };
  const event: DebugClient["event"] = async (name) => {
    const found = await kernel.published(
      ({ header, content }) => header.msg_type === "debug_event" && content.event === name,
    );
    return found.content.body;
  };
  const stack = async () => {
    const { stackFrames } = await body("stackTrace", { threadId: 1 });
    return stackFrames.map(({ name, line }: Content) => `${name}:${line}`);
  };
  return {
    ask,
    body,
    event,
    stack,
    async start() {
      await body("initialize", { clientID: "jupyterlab", linesStartAt1: true });
      await body("attach");
    },
    async breakIn(code, ...lines) {
      const { sourcePath } = await body("dumpCell", { code });
      const breakpoints = lines.map((line) => ({ line }));
      await body("setBreakpoints", { source: { path: sourcePath }, breakpoints, sourceModified: false });
      return sourcePath;
    },
    async until(command) {
      const stopped = event("stopped");
      await body(command, { threadId: 1 });
      await stopped;
      return stack();
    },
    async scope(name, frame = 0) {
      const { stackFrames } = await body("stackTrace", { threadId: 1 });
      const { scopes } = await body("scopes", { frameId: stackFrames[frame].id });
      const { variablesReference } = scopes.find((scope: Content) => scope.name === name);
      const { variables } = await body("variables", { variablesReference });
      return Object.fromEntries(variables.map((each: Content) => [each.name, each.value]));
    },
  };
}
