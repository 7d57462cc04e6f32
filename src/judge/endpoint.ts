import { z } from "zod";
import { validated } from "../files/data-files.ts";
import type { Json } from "../files/user-code.ts";

/** Where a chat model is served, and how it is asked. */
export interface EndpointOptions {
  /** The model's name at the server, for example "gpt-4o". */
  readonly model: string;
  /** The address below which the server has /chat/completions. Default: OPENAI_BASE_URL, or else OpenAI's. */
  readonly baseUrl?: string;
  /** The environment variable that holds the key, default OPENAI_API_KEY. */
  readonly keyVariable?: string;
  /** Fields of the request by their API names, for example { temperature: 0 }. Default none, as in the paper. */
  readonly parameters?: Readonly<Record<string, Json>>;
  /** Seconds after which a request without a whole answer counts as failed, default 120. */
  readonly timeout?: number;
}

/** A server and a model, all of which but the timeout is part of a verdict's identity. */
export interface Endpoint {
  readonly baseUrl: string;
  readonly model: string;
  readonly parameters: Readonly<Record<string, Json>>;
  readonly keyVariable: string;
  /** In milliseconds. */
  readonly timeout: number;
}

const OPENAI = "https://api.openai.com/v1";

/** Fields that this module sets, or that would change what an answer is. */
const OWN_FIELDS = ["model", "messages", "stream", "stream_options", "n"];

const schema = z.strictObject({
  model: z.string().min(1),
  baseUrl: z.string().optional(),
  keyVariable: z
    .string()
    .regex(/^\w+$/, "must be the name of an environment variable; the key itself is read from there only")
    .optional(),
  parameters: z.record(z.string(), z.json()).optional(),
  timeout: z.number().positive().optional(),
});

/** The endpoint of some options. Throws if an option is unknown or wrong. */
export function endpointOf(options: EndpointOptions): Endpoint {
  const { model, baseUrl, keyVariable, parameters, timeout } = validated(schema, options, "The endpoint");
  const own = Object.keys(parameters ?? {}).find((name) => OWN_FIELDS.includes(name));
  if (own !== undefined) throw new Error(`The judge sets "${own}" itself: take it out of the parameters.`);
  return {
    baseUrl: checkedUrl(baseUrl ?? (process.env.OPENAI_BASE_URL || OPENAI)),
    model,
    parameters: (parameters ?? {}) as Endpoint["parameters"],
    keyVariable: keyVariable ?? "OPENAI_API_KEY",
    timeout: 1000 * (timeout ?? 120),
  };
}

/** A base URL without slashes at its end. Throws if it is none, or could hold a key: it is written into caches. */
function checkedUrl(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw new Error(
      "The base URL is not an http or https address: give one such as http://localhost:8000/v1.",
    );
  if (url.username || url.password || url.search || url.hash)
    throw new Error(
      `The base URL of ${url.host} has a user, a password, a query or a fragment: leave them out, and give the key ` +
        "in the environment.",
    );
  return url.href.replace(/\/+$/, "");
}

/**
 * The key for an endpoint, read from the environment. A server on this machine needs none. Throws if there is none, or it
 * has characters that a key cannot have; the message never has the key.
 */
export function keyOf({ baseUrl, keyVariable }: Endpoint): string {
  const key = process.env[keyVariable]?.trim();
  const { hostname, host } = new URL(baseUrl);
  if (!key) {
    if (/^(?:localhost|127(?:\.\d+){3}|\[::1\])$/.test(hostname)) return NO_KEY;
    throw new Error(
      `There is no key for ${host}: set the environment variable ${keyVariable} before you start this program, ` +
        "to any word if the server needs no key.",
    );
  }
  if (/^[\x21-\x7e]+$/.test(key)) return key;
  throw new Error(
    `The environment variable ${keyVariable} has spaces or other characters that a key for ${host} cannot have: ` +
      "copy the key again.",
  );
}

/** What is sent to a server on this machine if no key is set. */
const NO_KEY = "none";

/** Shorter keys are no secret, and replacing them would spoil other text. */
const SHORTEST_SECRET = 8;

/** A text in which the key, also as it stands in JSON, is replaced by "[key]". */
export function withoutKey(text: string, key: string): string {
  if (key.length < SHORTEST_SECRET) return text;
  return text.replaceAll(JSON.stringify(key).slice(1, -1), "[key]").replaceAll(key, "[key]");
}
