import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { encode, type Message, sign } from "../../kernel/protocol/wire.ts";
import { type Asked, type KernelClient, key, message, startKernel } from "./kernel-client.ts";

const folder = mkdtempSync(join(tmpdir(), "fuzz-"));
/** Grows with FUZZ: so many times as many cases as by default. */
const thoroughness = Number(process.env.FUZZ ?? 1);

let kernel: KernelClient;
beforeAll(async () => {
  kernel = await startKernel(folder);
});
afterAll(async () => {
  await kernel?.stop();
  rmSync(folder, { recursive: true });
});

/** A property of sequences: after a failure the next, shorter one meets a kernel that nothing has happened to. */
const afresh = async (property: () => Promise<void>) => {
  try {
    await property();
  } catch (error) {
    await kernel.stop();
    kernel = await startKernel(folder);
    throw error;
  }
};

type Heard = { from: Asked | "iopub"; message: Message };

/** The ids of the client's own requests; those of the messages below are others. */
const isOwn = (id: unknown) => typeof id === "string" && /^[0-9a-f-]{36}$/.test(id);

/** Does something, and asks on both channels afterwards; returns what the kernel said meanwhile about anything else. */
async function heardDuring(work: () => Promise<unknown>): Promise<Heard[]> {
  const heard: Heard[] = [];
  const deaf = kernel.listen((from, each) => heard.push({ from, message: each }));
  await work();
  await within(kernel.ask("shell", "kernel_info_request"));
  await within(kernel.ask("control", "kernel_info_request"));
  expect((await within(kernel.run("6 * 7"))).result).toBe("42");
  deaf();
  return heard.filter(({ message: { parent_header } }) => !isOwn(parent_header.msg_id));
}

/** An answer, or an error where there is none: fast-check can then look for a smaller case. */
function within<T>(answer: Promise<T>): Promise<T> {
  const late = new Promise<never>((_, fail) => {
    setTimeout(() => fail(new Error("The kernel does not answer.")), 5_000).unref();
  });
  return Promise.race([answer, late]);
}

const delimiter = Buffer.from("<IDS|MSG>");
const bytes = fc.uint8Array({ maxLength: 30 }).map((each) => Buffer.from(each));
const channels = fc.constantFrom<Asked | "stdin">("shell", "control", "stdin");
const json = fc.jsonValue().map((each) => Buffer.from(JSON.stringify(each)));
/** A list in a list in a list. */
const nested = (min: number, max: number) =>
  fc.integer({ min, max }).map((depth) => "[".repeat(depth) + "]".repeat(depth));

const wholeHeader = {
  msg_id: "m",
  msg_type: "kernel_info_request",
  session: "s",
  username: "u",
  date: "",
  version: "5.4",
};
/** Headers that lack what a request is known by, or have it as something else. */
const brokenHeader = fc.oneof(
  fc.jsonValue().filter((each) => !(each && typeof each === "object" && "msg_id" in each)),
  fc.constantFrom("msg_id", "msg_type").map((name) => ({ ...wholeHeader, [name]: undefined })),
  fc
    .tuple(
      fc.constantFrom("msg_id", "msg_type"),
      fc.jsonValue().filter((each) => typeof each !== "string"),
    )
    .map(([name, value]) => ({ ...wholeHeader, [name]: value })),
);

const signed = (parts: Buffer[], buffers: Buffer[] = []) => [
  delimiter,
  Buffer.from(sign(parts, key)),
  ...parts,
  ...buffers,
];
const object = Buffer.from("{}");

/** Frames that are no message of whoever knows the key, or no message at all. */
const noise = fc.oneof(
  fc.array(bytes, { minLength: 1, maxLength: 8 }),
  fc.array(bytes, { maxLength: 5 }).map((frames) => [delimiter, ...frames]),
  fc.array(json, { maxLength: 3 }).map((parts) => signed(parts)),
  fc
    .array(
      bytes.filter((each) => !isJson(each)),
      { minLength: 4, maxLength: 4 },
    )
    .map((parts) => signed(parts)),
  brokenHeader.map((header) => signed([Buffer.from(JSON.stringify(header)), object, object, object])),
  fc
    .jsonValue()
    .filter((each) => each === null || typeof each !== "object" || Array.isArray(each))
    .map((content) =>
      signed([
        Buffer.from(JSON.stringify(wholeHeader)),
        object,
        object,
        Buffer.from(JSON.stringify(content)),
      ]),
    ),
  nested(600, 200_000).map((deep) => framesOf("comm_msg", `{"comm_id": "a", "data": ${deep}}`, "deep")),
  fc
    .tuple(fc.string(), json)
    .map(([wrong, content]) =>
      encode(message("kernel_info_request", { content }, "forged"), `${key}${wrong}?`),
    ),
);

function isJson(text: Buffer): boolean {
  try {
    JSON.parse(text.toString());
    return true;
  } catch {
    return false;
  }
}

describe("what is no message", () => {
  test("is answered by nothing, and harms nothing", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(channels, noise), { minLength: 1, maxLength: 20 }), (sent) =>
        afresh(async () => {
          const heard = await heardDuring(async () => {
            for (const [channel, frames] of sent) await kernel.raw(frames, channel);
          });
          expect(heard).toEqual([]);
        }),
      ),
      { numRuns: 60 * thoroughness },
    );
  });

  test("a message is heard once, however often it is sent", async () => {
    const code = "globalThis.times = (globalThis.times ?? 0) + 1";
    const frames = encode(message("execute_request", { code: `// @ts-nocheck\n${code}` }, "again"), key);
    const heard = await heardDuring(async () => {
      await kernel.raw(frames);
      await within(kernel.ask("shell", "kernel_info_request"));
      for (const channel of ["shell", "control", "shell"] as const) await kernel.raw(frames, channel);
    });
    expect(heard.map(({ message: { header } }) => header.msg_type).sort()).toEqual(
      ["execute_input", "execute_reply", "execute_result", "status", "status"].sort(),
    );
    expect((await kernel.run("(globalThis as any).times")).result).toBe("1");
  });
});

/** A request of a sequence: where it is sent, its content as JSON, and how many replies it must have. */
interface Request {
  channel: Asked;
  type: string;
  content: string;
  replies: 0 | 1;
}

/** The frames of a request whose content is given as JSON. */
function framesOf(type: string, content: string, id: string): Buffer[] {
  const { header } = message(type, {}, id);
  return signed([Buffer.from(JSON.stringify(header)), object, object, Buffer.from(content)]);
}

const cells = fc.constantFrom(
  "1 + 1",
  "const held = [1, 2]; held",
  "held.length",
  "let grown: number = 1; grown += 1",
  "const wrong: string = 5",
  "1 +* 2",
  "throw new Error('no')",
  "console.log('a'); console.error('b')",
  "await new Promise((done) => setTimeout(done, 3)); 'waited'",
  "setTimeout(() => console.log('late'), 1)",
  "Promise.reject(new Error('unheard'))",
  "Math.max?",
  "",
);
const execute = fc.record({
  code: cells,
  silent: fc.boolean(),
  store_history: fc.boolean(),
  stop_on_error: fc.boolean(),
  user_expressions: fc.constantFrom({}, { two: "1 + 1", bad: "nothing.x" }),
});
const questions = fc.record({
  code: cells,
  cursor_pos: fc.integer({ min: -2, max: 40 }),
  detail_level: fc.nat(1),
});
const history = fc.record({
  hist_access_type: fc.constantFrom("tail", "range", "search", "none"),
  n: fc.option(fc.integer({ min: -3, max: 5 }), { nil: undefined }),
  pattern: fc.constantFrom("*", "*a*?*", "[", ""),
  output: fc.boolean(),
  unique: fc.boolean(),
  session: fc.integer({ min: -3, max: 3 }),
});
const comm = fc.record({
  comm_id: fc.constantFrom("a", "b"),
  target_name: fc.constantFrom("nobody", "echo"),
  data: fc.constant({}),
});

/** What any of these may hold instead, where a client errs: the JSON of a name and its value. */
const odd = fc
  .tuple(
    fc.constantFrom(
      ...["code", "cursor_pos", "silent", "user_expressions", "pattern", "n", "session", "comm_id", "data"],
    ),
    fc.oneof(fc.json(), nested(1, 400)),
  )
  .map(([name, value]) => `"${name}": ${value}`);

const asked = (channel: Asked, type: string, content: fc.Arbitrary<object>, replies: 0 | 1 = 1) =>
  fc.tuple(content, fc.option(odd, { freq: 4 })).map(([usual, other]): Request => {
    // The value that is given last counts.
    const members = JSON.stringify(usual).slice(1, -1);
    return { channel, type, content: `{${[members, other].filter(Boolean).join(", ")}}`, replies };
  });
const nothing = fc.constant({});
const requests = fc.oneof(
  { weight: 4, arbitrary: asked("shell", "execute_request", execute) },
  ...(["shell", "control"] as const).flatMap((channel) => [
    asked(channel, "kernel_info_request", nothing),
    asked(channel, "complete_request", questions),
    asked(channel, "inspect_request", questions),
    asked(channel, "is_complete_request", questions),
    asked(channel, "history_request", history),
    asked(channel, "comm_info_request", nothing),
    asked(channel, "no_such_request", nothing, 0),
  ]),
  asked("control", "interrupt_request", nothing),
  asked("shell", "interrupt_request", nothing),
  ...["comm_open", "comm_msg", "comm_close"].map((type) => asked("shell", type, comm, 0)),
);

describe("requests in any order", () => {
  test("each is answered once, between busy and idle, and cells in the order in which they came", async () => {
    await kernel.run(`import { comms } from "allroads-kernel"`);
    let runs = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(requests, { minLength: 1, maxLength: 25 }), (sequence) =>
        afresh(async () => {
          runs += 1;
          const ids = sequence.map((_, at) => `run ${runs} request ${at}`);
          const replies = new Map<string, Message[]>(ids.map((id) => [id, []]));
          const states = new Map<string, string[]>(ids.map((id) => [id, []]));
          const order: string[] = [];
          let whole = () => {};
          const done = new Promise<void>((resolve) => {
            whole = () => {
              const answered = sequence.every((each, at) => replies.get(ids[at]!)!.length >= each.replies);
              if (answered && ids.every((id) => states.get(id)!.includes("idle"))) resolve();
            };
          });
          const deaf = kernel.listen((from, { header, parent_header, content }) => {
            const id = String(parent_header.msg_id);
            if (from === "iopub" && header.msg_type === "status")
              states.get(id)?.push(content.execution_state);
            if (from !== "iopub") replies.get(id)?.push({ header, content } as Message);
            if (header.msg_type === "execute_reply") order.push(id);
            whole();
          });
          sequence.forEach(({ channel, type, content }, at) => {
            kernel.raw(framesOf(type, content, ids[at]!), channel);
          });
          await within(done);
          expect((await within(kernel.run("6 * 7"))).result).toBe("42");
          deaf();

          sequence.forEach((each, at) => {
            const given = replies.get(ids[at]!)!;
            expect(given.map(({ header }) => header.msg_type)).toEqual(
              each.replies === 1 ? [each.type.replace("_request", "_reply")] : [],
            );
            for (const { content } of given)
              expect(
                each.type === "is_complete_request"
                  ? content.status
                  : /^(ok|error|aborted)$/.test(content.status),
              ).toBeTruthy();
            expect(states.get(ids[at]!)).toEqual(["busy", "idle"]);
          });
          const executed = ids.filter((_, at) => sequence[at]!.type === "execute_request");
          expect(order.filter((id) => ids.includes(id))).toEqual(executed);
          const counts = executed.map((id) => replies.get(id)![0]!.content.execution_count);
          expect(counts).toEqual([...counts].sort((a, b) => a - b));
        }),
      ),
      { numRuns: 60 * thoroughness },
    );
  });
});
