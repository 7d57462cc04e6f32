import type { OpenAI } from "openai";
import { z } from "zod";
import { parseJson } from "../files/json.ts";
import { visibleLine } from "../files/visible-text.ts";
import { type Endpoint, keyOf, withoutKey } from "./endpoint.ts";

/** A model's answer to one message. */
export interface ChatAnswer {
  readonly text: string;
  /** Why the model stopped: "stop", "length", "content_filter", …. */
  readonly finish?: string;
  readonly refusal?: string;
  /** The model that the server says it used, for example a dated snapshot. */
  readonly model?: string;
  /** The server's time of the answer, in seconds since 1970. */
  readonly created?: number;
  readonly fingerprint?: string;
  readonly tokens?: { readonly input: number; readonly output: number };
}

/** A request without an answer. Its message has no key. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  /** Whether no request can work. */
  readonly isFatal: boolean;
  /** Milliseconds that the server asks to wait. */
  readonly wait: number;

  constructor(message: string, { isFatal = false, wait = 0 }: { isFatal?: boolean; wait?: number } = {}) {
    super(message);
    this.isFatal = isFatal;
    this.wait = wait;
  }
}

/**
 * Sends one message to a chat model, once, and returns its answer; if the server's filter declines the message, one that
 * was refused. Throws a RequestError.
 */
export type Ask = (message: string, signal?: AbortSignal) => Promise<ChatAnswer>;

/** Opens an endpoint. Throws if there is no key. */
export async function openEndpoint(endpoint: Endpoint): Promise<Ask> {
  const key = keyOf(endpoint);
  const { OpenAI } = await import("openai");
  const client = new OpenAI({
    apiKey: key,
    baseURL: endpoint.baseUrl,
    organization: null,
    project: null,
    // Requests are repeated, timed and reported here, and nothing is logged.
    maxRetries: 0,
    timeout: endpoint.timeout,
    logLevel: "off",
    // Another address than the one given gets neither the key nor the texts.
    fetchOptions: { redirect: "manual" },
  });
  return async (message, signal) => {
    const deadline = AbortSignal.timeout(endpoint.timeout);
    try {
      const body = await bodyOf(
        client,
        endpoint,
        message,
        AbortSignal.any(signal ? [signal, deadline] : [deadline]),
      );
      return answerIn(withoutKey(body, key));
    } catch (error) {
      signal?.throwIfAborted();
      if (isDeclined(error as ApiError)) return { text: "", finish: "content_filter" };
      throw described(error, endpoint, key, deadline.aborted);
    }
  };
}

async function bodyOf(
  client: OpenAI,
  { model, parameters }: Endpoint,
  message: string,
  signal: AbortSignal,
): Promise<string> {
  const body = { ...parameters, model, messages: [{ role: "user" as const, content: message }] };
  const response = await client.chat.completions.create(body, { signal }).asResponse();
  return textOf(response);
}

const LONGEST_ANSWER = 4_000_000;

/** The body of a response. Throws if it is longer than any answer. */
async function textOf(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const part of response.body ?? []) {
    text += decoder.decode(part, { stream: true });
    if (text.length > LONGEST_ANSWER) throw new RequestError("sent more than 4 MB");
  }
  return text + decoder.decode();
}

const schema = z.object({
  choices: z
    .array(
      z.object({
        message: z.object({ content: z.string().nullish(), refusal: z.string().nullish() }),
        finish_reason: z.string().nullish(),
      }),
    )
    .min(1),
  model: z.string().nullish(),
  created: z.number().nullish(),
  system_fingerprint: z.string().nullish(),
  usage: z
    .object({ prompt_tokens: z.int().nonnegative(), completion_tokens: z.int().nonnegative() })
    .nullish(),
});

/** The answer in the body of a response. Throws a RequestError if that is not a chat completion. */
function answerIn(body: string): ChatAnswer {
  if (body.trim() === "") throw new RequestError("answered nothing");
  let value: unknown;
  try {
    value = parseJson(body);
  } catch {
    throw new RequestError("did not answer with whole JSON");
  }
  const read = schema.safeParse(value);
  const [choice] = read.data?.choices ?? [];
  if (!read.success || choice === undefined)
    throw new RequestError("answered with JSON that is not a chat completion");
  const { model, created, system_fingerprint: fingerprint, usage } = read.data;
  return {
    text: choice.message.content ?? "",
    ...(choice.finish_reason && { finish: choice.finish_reason }),
    ...(choice.message.refusal && { refusal: choice.message.refusal }),
    ...(model && { model }),
    ...(typeof created === "number" && { created }),
    ...(fingerprint && { fingerprint }),
    ...(usage && { tokens: { input: usage.prompt_tokens, output: usage.completion_tokens } }),
  };
}

/** What the package openai throws, as far as it is read. */
interface ApiError {
  readonly status?: number;
  readonly message?: string;
  readonly code?: string | null;
  readonly type?: string | null;
  readonly headers?: Headers;
  readonly cause?: unknown;
}

/** Whether a filter of the server declines the message, as Azure's does. */
const isDeclined = ({ status, code, type }: ApiError) =>
  status === 400 && [code, type].some((word) => /content_?(?:filter|policy)/i.test(word ?? ""));

/** An error of the package openai, of fetch or of `answerIn`, as a RequestError that names the server. */
function described(
  error: unknown,
  { baseUrl, keyVariable }: Endpoint,
  key: string,
  isLate: boolean,
): RequestError {
  const { host } = new URL(baseUrl);
  if (isLate) return new RequestError(`${host} gave no whole answer in time`);
  if (error instanceof RequestError) return new RequestError(`${host} ${error.message}`);
  const { status, message, code, headers } = error as ApiError;
  if (status === undefined) return new RequestError(`${host} could not be reached (${reason(error, key)})`);
  const hint =
    HINTS[code ?? ""] ?? HINTS[status] ?? (status >= 300 && status < 400 ? HINTS.redirection : undefined);
  const said = shown(message || String(status), key);
  const mayPass = [408, 409, 425, 429].includes(status) || status >= 500;
  return new RequestError(
    `${host} answered ${said}${hint === undefined ? "" : `: ${hint.replace("KEY", keyVariable)}`}`,
    { isFatal: !mayPass || code === "insufficient_quota", wait: waitOf(headers) },
  );
}

/** What to do, by the code or the status of an answer. */
const HINTS: Readonly<Record<string, string>> = {
  insufficient_quota: "the account has no credit left",
  401: "check the key in KEY",
  403: "check the key in KEY",
  404: "check the model's name and the base URL",
  redirection: "redirections are not followed, so give the address that this one leads to",
};

/** A text of the server's for a message: without the key, on one line and not too long. */
const shown = (text: string, key: string) => visibleLine(withoutKey(text, key)).slice(0, 300);

/** The innermost reason of an error, for example "connect ECONNREFUSED 127.0.0.1:9". */
function reason(error: unknown, key: string): string {
  const { message, code, cause } = error as ApiError;
  if (cause !== undefined) return reason(cause, key);
  return shown(message || code || "no reason given", key);
}

/** How long the headers of a response ask to wait, in milliseconds: by retry-after-ms, or seconds or a date in Retry-After. */
function waitOf(headers: Headers | undefined): number {
  const milliseconds = Number(headers?.get("retry-after-ms") || Number.NaN);
  if (milliseconds >= 0) return milliseconds;
  const after = headers?.get("retry-after")?.trim() ?? "";
  if (/^\d+(?:\.\d+)?$/.test(after)) return 1000 * Number(after);
  const date = Date.parse(after);
  return Number.isNaN(date) ? 0 : Math.max(0, date - Date.now());
}
