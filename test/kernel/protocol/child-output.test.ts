import { once } from "node:events";
import { createConnection } from "node:net";
import { describe, expect, test } from "vitest";
import { openChildOutput } from "../../../kernel/protocol/child-output.ts";

/** Opens the output of a stream, and a connection to it. */
async function connected() {
  const printed: string[] = [];
  const output = openChildOutput(
    (name, text, run) => printed.push(`${name} ${run} ${text}`),
    () => false,
  );
  const { path, token } = await output.open({ name: "stdout", run: 3 });
  const socket = createConnection({ path });
  const closed = once(socket, "close");
  await once(socket, "connect");
  return { printed, output, token, socket, closed };
}

describe("a connection for output", () => {
  test("prints what follows its token", async () => {
    const { printed, output, token, socket } = await connected();
    socket.write(`${token.slice(0, 5)}`);
    socket.write(`${token.slice(5)}\nhello`);
    await expect.poll(() => printed).toEqual(["stdout 3 hello"]);
    socket.destroy();
    await expect.poll(() => output.isOpen()).toBe(false);
  });

  test.each(["no token\n", "x".repeat(1000)])("is ended without one", async (text) => {
    const { printed, socket, closed } = await connected();
    socket.on("error", () => {});
    socket.resume();
    socket.write(text);
    await closed;
    expect(printed).toEqual([]);
  });
});
