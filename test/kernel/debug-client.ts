import type { Content } from "../../kernel/shared/content.ts";
import type { KernelClient } from "./kernel-client.ts";

/** A client of the debugger, like JupyterLab's. */
export interface DebugClient {
  /** Sends a request. Returns the content of its reply. */
  ask(command: string, args?: Content): Promise<Content>;
  /**
   * Sends a request. Returns the body of its reply.
   *
   * @throws if the request fails
   */
  body(command: string, args?: Content): Promise<Content>;
  /** Starts the debugger like JupyterLab. */
  start(): Promise<void>;
  /** Sets breakpoints in a cell before it runs. Returns its path. */
  breakIn(code: string, ...lines: number[]): Promise<string>;
  /** Waits for the next event with a name. Returns its body. */
  event(name: string): Promise<Content>;
  /** Sends a request and waits until execution stops. Returns the stack. */
  until(command: string): Promise<string[]>;
  /** The stack frames as "name:line". */
  stack(): Promise<string[]>;
  /** The variables of a scope of a frame, by name. */
  scope(name: string, frameIndex?: number): Promise<Record<string, string>>;
}

export function debugClient(kernel: KernelClient): DebugClient {
  let seq = 0;
  const ask: DebugClient["ask"] = (command, args = {}) => {
    seq += 1;
    return kernel.ask("control", "debug_request", { type: "request", seq, command, arguments: args });
  };
  const body: DebugClient["body"] = async (command, args) => {
    const reply = await ask(command, args);
    if (!reply.success) throw new Error(`${command}: ${reply.message}`);
    return reply.body;
  };
  const event: DebugClient["event"] = async (name) => {
    const { content } = await kernel.published(
      (message) => message.header.msg_type === "debug_event" && message.content.event === name,
    );
    return content.body;
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
    async scope(name, frameIndex = 0) {
      const { stackFrames } = await body("stackTrace", { threadId: 1 });
      const { scopes } = await body("scopes", { frameId: stackFrames[frameIndex].id });
      const { variablesReference } = scopes.find((scope: Content) => scope.name === name);
      const { variables } = await body("variables", { variablesReference });
      return Object.fromEntries(variables.map((variable: Content) => [variable.name, variable.value]));
    },
  };
}
