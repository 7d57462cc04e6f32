import { expect, test } from "vitest";
import { conversation, messagesText } from "../../src/text/messages.ts";

const fail = (problem: string): never => {
  throw new Error(problem);
};

test("a conversation is its last answer and what comes before it", () => {
  const messages = ["system", "user", "assistant", "user", "assistant"].map((role, index) => ({
    role,
    content: `m${index}`,
  }));
  expect(conversation(messages, "messages", fail)).toEqual({ prompt: "m0\n\nm1\n\nm2\n\nm3", answer: "m4" });
  expect(conversation(messages.slice(-1), "chosen", fail)).toEqual({ prompt: undefined, answer: "m4" });
  expect(messagesText(messages.slice(0, 2), "prompt", fail)).toBe("m0\n\nm1");
});

test("an error names the field and shows the message at fault", () => {
  expect(() => conversation([{ role: "assistant" }], "chosen", fail)).toThrow(
    'the field "chosen" has a message without the texts "role" and "content": {"role":"assistant"}.',
  );
});
