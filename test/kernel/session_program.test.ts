import { expect, test } from "vitest";
import type { LanguageServer } from "../../kernel/session/lsp.ts";
import { CheckerLost, openProgram } from "../../kernel/session/program.ts";

const project = { file: undefined, config: {} };

/** A checker that ends at its nth request, for good; any other is answered by nothing. */
function mortal(requests: number, said: string[] = []): LanguageServer {
  let left = requests;
  return {
    async request() {
      left -= 1;
      if (left < 0) throw new Error("It has ended.");
      return {};
    },
    notify(method, params) {
      said.push(`${method} ${JSON.stringify(params)}`);
    },
    alive: () => left >= 0,
    end() {},
  };
}

test("a checker that keeps ending is given up after three times", async () => {
  let started = 0;
  const program = openProgram(
    () => {
      started += 1;
      return mortal(1);
    },
    "/folder",
    project,
  );
  await expect(program.check("1")).rejects.toThrow("It has ended");
  await program.commit(1, "const a = 1");
  await expect(program.check("2")).rejects.toThrow(CheckerLost);
  await expect(program.check("3")).rejects.toThrow("ended 3 times in a row");
  expect(started).toBe(3);
});

test("one that cannot be started is not tried again, and says why", async () => {
  let tried = 0;
  const program = openProgram(
    () => {
      tried += 1;
      throw new Error("No compiler.");
    },
    "/folder",
    project,
  );
  await expect(program.check("1")).rejects.toThrow("No compiler.");
  await expect(program.hover("1", { line: 0, character: 0 })).rejects.toThrow(CheckerLost);
  expect(tried).toBe(1);
});

test("a new checker is told of the cells that ran, and one that answers is forgiven what went before", async () => {
  const said: string[][] = [];
  const program = openProgram(
    () => {
      said.push([]);
      return mortal(2, said.at(-1));
    },
    "/folder",
    project,
  );
  for (let count = 1; count <= 6; count++) {
    expect(await program.check("name")).toEqual([]);
    await program.commit(count, `const name${count} = ${count}`);
  }
  expect(said).toHaveLength(6);
  expect(said[5]!.filter((line) => /didOpen.*__cell_[1-5]__/.test(line))).toHaveLength(6);
});
