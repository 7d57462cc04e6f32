import { createHash } from "node:crypto";
import path from "node:path";
import { z } from "zod";
import { makeFolder, writeFileAtomically } from "../files/atomic-write.ts";
import { readRegularFile } from "../files/file-system.ts";
import { runStore } from "../files/repository.ts";
import type { ChatAnswer } from "./chat-request.ts";
import type { Endpoint } from "./endpoint.ts";

/** What determines an answer, apart from chance at the server. */
export interface ChatRequest extends Pick<Endpoint, "baseUrl" | "model" | "parameters"> {
  readonly message: string;
}

/** Answers of chat models in a folder, one file each, by what was asked. Processes may share the folder. */
export interface AnswerCache {
  readonly folder: string;
  /** The answer to a request; undefined if there is none, or its file is damaged. */
  read(request: ChatRequest): ChatAnswer | undefined;
  /** Throws if the folder cannot be written. */
  write(request: ChatRequest, answer: ChatAnswer): void;
}

/** The folder of answers in the run store. Its name is hidden, as those of all that are no stages. */
export function answersFolder(): string {
  return path.join(runStore(), ".judge");
}

/** The name of a request: a hash of the server's address, the model, the parameters and the message. */
export function requestId({ baseUrl, model, parameters, message }: ChatRequest): string {
  return sha256(JSON.stringify([baseUrl, model, sorted(parameters), message]));
}

const MOST_BYTES = 2 ** 26;

const schema = z.object({
  request: z.object({
    baseUrl: z.string(),
    model: z.string(),
    parameters: z.record(z.string(), z.json()),
    message: z.string(),
  }),
  answer: z.object({
    text: z.string(),
    finish: z.string().optional(),
    refusal: z.string().optional(),
    model: z.string().optional(),
    created: z.number().optional(),
    fingerprint: z.string().optional(),
    tokens: z.object({ input: z.number(), output: z.number() }).optional(),
  }),
  sha256: z.string(),
});

/** Opens a cache and makes its folder. Throws if that cannot be written. */
export function openAnswers(folder: string): AnswerCache {
  const fileOf = (id: string) => path.join(folder, id.slice(0, 2), `${id}.json`);
  try {
    makeFolder(folder);
  } catch (error) {
    throw new Error(`The folder of answers ${folder} cannot be made (${(error as Error).message}).`);
  }
  return {
    folder,
    read(request) {
      const id = requestId(request);
      try {
        const value: unknown = JSON.parse(Buffer.from(readRegularFile(fileOf(id), MOST_BYTES)).toString());
        const held = schema.parse(value);
        const isSound = requestId(held.request as ChatRequest) === id && held.sha256 === digestOf(held);
        return isSound ? (held.answer as ChatAnswer) : undefined;
      } catch {
        return undefined;
      }
    },
    write({ baseUrl, model, parameters, message }, answer) {
      const request = { baseUrl, model, parameters: sorted(parameters), message };
      const held = { request, answer };
      const text = `${JSON.stringify({ ...held, sha256: digestOf(held) }, null, 2)}\n`;
      try {
        writeFileAtomically(fileOf(requestId(request)), Buffer.from(text));
      } catch (error) {
        throw new Error(`The folder of answers ${folder} cannot be written (${(error as Error).message})`);
      }
    },
  };
}

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

const digestOf = ({ request, answer }: { request: object; answer: object }) =>
  sha256(JSON.stringify([request, answer], (_, value) => sorted(value)));

/** A value with the fields of an object in the order of their names, at every depth. */
function sorted<T>(value: T): T {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(sorted) as T;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([name, each]) => [name, sorted(each)])) as T;
}
