import vm from "node:vm";
import { expect, test } from "vitest";
import { bindSessionVariables, compileExpression } from "../../../kernel/debug/expression.ts";

test.each<[string, unknown, string, string[]]>([
  ["a session variable", 40, "kept", []],
  ["a local variable that shadows a session variable", 1, "kept", ["kept"]],
  ["a shorthand property", { kept: 40 }, "{ kept }", []],
  ["a call, which has no receiver", undefined, "self()", []],
  ["an assignment", 41, "kept = kept + 1", []],
  ["TypeScript syntax", 40, "(kept as number)!", []],
  ["statements", 3, "const two: number = 2; two + 1", []],
])("the debugger evaluates %s", async (_, expected, source, scope) => {
  const values: Record<string, { value: unknown }> = {
    kept: { value: 40 },
    self: {
      value() {
        return this;
      },
    },
  };
  const context = vm.createContext({ kept: 1 });
  const kernel = { debuggee: { variable: (name: string) => values[name] } };
  context.kernel = kernel;
  vm.runInContext('globalThis[Symbol.for("allroads.kernel")] = kernel', context);
  const code = bindSessionVariables(
    await compileExpression(source),
    new Set(["kept", "self"]),
    new Set(scope),
  );
  expect(JSON.stringify(vm.runInContext(code, context))).toBe(JSON.stringify(expected));
});
