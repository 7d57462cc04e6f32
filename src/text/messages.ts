import { quoted } from "../files/quoted.ts";

type Fail = (problem: string) => never;

/** A message of a conversation. */
interface Message {
  readonly role: string;
  readonly content: string;
}

/**
 * The last answer of a list of messages, and the text of the messages before it, if there are any. `name` is the field.
 * Fails if a message is malformed or the last one is not the assistant's.
 */
export function conversation(
  value: unknown,
  name: string,
  fail: Fail,
): { readonly prompt: string | undefined; readonly answer: string } {
  const messages = checkedMessages(value, name, fail);
  const last = messages.at(-1);
  if (last?.role !== "assistant") {
    return fail(
      `the field "${name}" must end with a message of the assistant, not of ${quoted(last?.role)}.`,
    );
  }
  const before = messages.slice(0, -1);
  return { prompt: before.length > 0 ? joined(before) : undefined, answer: last.content };
}

/** The text of a list of messages: their contents, with a blank line between them. Fails if one is malformed. */
export function messagesText(value: unknown, name: string, fail: Fail): string {
  return joined(checkedMessages(value, name, fail));
}

const joined = (messages: readonly Message[]): string => messages.map(({ content }) => content).join("\n\n");

function checkedMessages(value: unknown, name: string, fail: Fail): Message[] {
  if (!Array.isArray(value) || value.length === 0) {
    return fail(
      `the field "${name}" must be a list of messages with "role" and "content", not ${quoted(value)}.`,
    );
  }
  return value.map((message) => {
    const { role, content } = (message ?? {}) as { role?: unknown; content?: unknown };
    const text = Array.isArray(content) ? content.map(partText).join("") : content;
    if (typeof role === "string" && typeof text === "string") return { role, content: text };
    return fail(
      `the field "${name}" has a message without the texts "role" and "content": ${quoted(message)}.`,
    );
  });

  function partText(part: unknown): string {
    const { type, text } = (part ?? {}) as { type?: unknown; text?: unknown };
    if (type === "text" && typeof text === "string") return text;
    return fail(`the field "${name}" has a message that is not only text: ${quoted(part)}.`);
  }
}
