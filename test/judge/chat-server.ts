import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";

/** A request as the server got it. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: { readonly model: string; readonly messages: { role: string; content: string }[] };
  /** The message. */
  readonly content: string;
  /** How often this message has come, this time included. */
  readonly times: number;
}

/** How the server reacts: with a text of the model, with a whole response, by a broken one, or never. */
export type Reaction =
  | string
  | { readonly completion: object }
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly body: string }
  | "hang up"
  | "stall"
  | "stay silent";

/** A local chat server for one test. */
export interface ChatServer {
  readonly baseUrl: string;
  readonly received: Received[];
  /** The largest number of requests that were open at a time. */
  readonly mostOpen: () => number;
}

/** A chat completion as OpenAI's API gives it. */
export const completion = (content: string | null, more: object = {}, message: object = {}) => ({
  id: "chatcmpl-1",
  object: "chat.completion",
  created: 1_700_000_000,
  model: "judge-2024-08-06",
  choices: [{ index: 0, message: { role: "assistant", content, ...message }, finish_reason: "stop" }],
  usage: { prompt_tokens: 300, completion_tokens: 40, total_tokens: 340 },
  ...more,
});

/** Starts a server that ends with the test. */
export async function chatServer(
  react: (request: Received) => Reaction | Promise<Reaction>,
): Promise<ChatServer> {
  const received: Received[] = [];
  let [open, most] = [0, 0];
  const server = createServer(async (request, response) => {
    most = Math.max(most, ++open);
    response.on("close", () => open--);
    let text = "";
    for await (const part of request) text += part;
    const body = JSON.parse(text);
    const content = body.messages[0].content;
    const times = received.filter((one) => one.content === content).length + 1;
    const one = { path: request.url ?? "", headers: request.headers, body, content, times };
    received.push(one);
    send(await react(one), response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { baseUrl: `http://127.0.0.1:${port}/v1`, received, mostOpen: () => most };
}

function send(reaction: Reaction, response: ServerResponse): void {
  const json = { "content-type": "application/json" };
  if (reaction === "stay silent") return;
  if (reaction === "hang up") return void response.socket?.destroy();
  if (reaction === "stall") {
    response.writeHead(200, json);
    response.write('{"choices": [');
    return;
  }
  if (typeof reaction === "string" || "completion" in reaction) {
    const value = typeof reaction === "string" ? completion(reaction) : reaction.completion;
    response.writeHead(200, json).end(JSON.stringify(value));
    return;
  }
  response.writeHead(reaction.status ?? 200, { ...json, ...reaction.headers }).end(reaction.body);
}
