import { writeFileSync } from "node:fs";
import path from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { userCode } from "../../src/files/user-code.ts";
import { keyEnv } from "../../src/tasks/key-env/task.ts";
import { openTask, type TaskSpec, taskIdentity } from "../../src/tasks/open-task.ts";
import { ring } from "../../src/tasks/ring.ts";
import type { Task } from "../../src/tasks/task.ts";
import { temporaryFolder } from "../temporary.ts";

const sizes = { demonstrations: 30, pairs: 3, validation: 2, evaluation: 48 };

describe("a built-in task", () => {
  test("is opened by name and options", () => {
    expect(openTask({ name: "ring", options: { horizon: 2 } }).data(4, sizes)).toEqual(
      ring({ horizon: 2 }).data(4, sizes),
    );
    const options = { clauses: 7, reward: "rouge-l" } as const;
    expect(openTask({ name: "key-env", options }).data(4, sizes)).toEqual(keyEnv(options).data(4, sizes));
  });

  test("is opened once for equal specs", () => {
    const spec = (): TaskSpec => ({ name: "ring", options: { horizon: 2 } });
    expect(openTask(spec())).toBe(openTask(spec()));
  });

  test.each<[TaskSpec, string]>([
    [{ name: "ring", options: { horizon: 2 } }, '{"name":"ring","options":{"horizon":2}}'],
    [{ name: "key-env", options: {} }, '{"name":"key-env","options":{}}'],
    [
      {
        name: "tldr",
        files: [{ path: "/a/posts.jsonl", sha256: "12" }],
        vocabSize: 300,
        promptLength: 40,
        completionLength: 7,
      },
      '{"name":"tldr","files":["12"],"vocabSize":300,"promptLength":40,"completionLength":7}',
    ],
  ])("is identified by its spec, with files by their digests: %o", (spec, identity) => {
    expect(JSON.stringify(taskIdentity(spec))).toBe(identity);
  });

  test("must exist", () => {
    expect(() => openTask({ name: "chess", options: {} } as never)).toThrow(
      'There is no task "chess": choose one of key-env, ring, tldr, or give the code of your own.',
    );
  });
});

describe("a user's task", () => {
  let module: string;

  beforeEach(() => {
    module = path.join(temporaryFolder("user task"), "copy-task.ts");
    writeFileSync(
      module,
      `export const copyTask = ({ length }: { length: number }) => ({
  name: "copy",
  vocabulary: { size: 4, pad: 0, eos: 1 },
  promptLength: 1,
  completionLength: length,
  data: () => ({ demonstrations: [], prompts: [{ tokens: [2] }, { tokens: [3] }], validation: [], evaluation: [] }),
  score: ({ tokens }, completion: readonly number[]) => Number(completion[0] === tokens[0]),
  isMalformed: (_, completion: readonly number[]) => completion.length !== length,
  text: (tokens: readonly number[]) => tokens.join(" "),
});
export const two = copyTask({ length: 2 });
export const half = { name: "half", data: () => undefined };
`,
    );
  });

  test("is opened by its code, after a round trip through JSON", () => {
    const spec: TaskSpec = { name: "copy", code: userCode<Task>(module, "copyTask", { length: 5 }) };
    const task = openTask(JSON.parse(JSON.stringify(spec)));
    expect(task.completionLength).toBe(5);
    expect(task.data(1, sizes).prompts.map((prompt) => task.score(prompt, [2]))).toEqual([1, 0]);
    expect(openTask({ name: "copy", code: userCode<Task>(module, "two") }).completionLength).toBe(2);
  });

  test("is identified by its name and code, not by the module's path", () => {
    const code = userCode<Task>(module, "copyTask", { length: 5 });
    const { digest } = code;
    expect(taskIdentity({ name: "copy", code })).toEqual({
      name: "copy",
      code: { export: "copyTask", options: { length: 5 }, digest },
    });
  });

  test("may have the name of a built-in task", () => {
    const spec: TaskSpec = { name: "ring", code: userCode<Task>(module, "two") };
    expect(openTask(spec).name).toBe("copy");
  });

  test("must have what a task needs", () => {
    const open = (name: string) => () => openTask({ name: "mine", code: userCode<Task>(module, name) });
    expect(open("half")).toThrow(
      `The export "half" of ${module} is not a task, as "mine" needs: it lacks vocabulary, promptLength, ` +
        `completionLength, score, isMalformed, text.`,
    );
    expect(open("copyTask")).toThrow("or a function that makes one from its options");
  });
});
