import vm from "node:vm";
import type { MimeBundle } from "../display/jupyter.ts";
import type { CompiledCell, ErrorContent, Outcome } from "../protocol/thread-messages.ts";
import type { Content } from "../protocol/wire.ts";
import type { CellRuntime } from "./cell-runtime.ts";
import { type Exports, importedValue } from "./commonjs-interop.ts";
import type { StackTraces } from "./stack-traces.ts";
import type { UncaughtMode } from "./uncaught-mode.ts";

/** The environment in which cells run. */
export interface Session {
  folder: string;
  runtime: CellRuntime;
  traces: StackTraces;
  require: NodeJS.Require;
  uncaughtMode: UncaughtMode;
  load(specifier: string): Promise<Exports>;
  /** The MIME bundle that shows a value. */
  bundle(value: unknown): MimeBundle | Promise<MimeBundle>;
}

/** The value of a cell's final expression, if it ends with one. */
type CellResult = undefined | [unknown];

/** The value of a rewritten cell's code. */
type CellFactory = (
  runtime: CellRuntime,
  require: NodeJS.Require,
  filename: string,
  dirname: string,
) => () => CellResult | Promise<CellResult>;

/** Loads the modules that a cell imports, and defines the imported names as live bindings of the session. */
async function bindImports({ imports }: CompiledCell, { load, runtime }: Session): Promise<void> {
  const loaded: { names: [string, string][]; namespace: Exports }[] = [];
  for (const { specifier, names } of imports) loaded.push({ names, namespace: await load(specifier) });
  for (const { names, namespace } of loaded)
    for (const [imported, local] of names) {
      const rejectAssignment = () => {
        throw new TypeError(`Assignment to the import "${local}".`);
      };
      runtime.define({ [local]: [() => importedValue(namespace, imported), rejectAssignment] });
    }
}

/** Calls a compiled cell. Throws or rejects with the error of the cell. */
function callCell(name: string, cell: CompiledCell, session: Session): CellResult | Promise<CellResult> {
  const { runtime, require, folder, traces } = session;
  traces.addCell(name, cell);
  // V8's compilation cache keeps every `vm.Script` alive, but not functions made by `compileFunction`.
  const prefix = "return ";
  const factory: CellFactory = vm.compileFunction(prefix + cell.code, [], {
    filename: name,
    columnOffset: -prefix.length,
  })();
  return factory(runtime, require, `${folder}/${name}.ts`, folder)();
}

/**
 * Runs a cell and passes its outcome to `finish`. A cell without `await` is called, and its error caught,
 * synchronously: an interrupt drops all pending promise continuations.
 */
export function runCell(
  name: string,
  cell: CompiledCell,
  expressions: Record<string, CompiledCell | ErrorContent>,
  session: Session,
  finish: (outcome: Outcome) => void,
): void {
  const fail = (error: unknown) => finish({ status: "error", ...session.traces.errorContent(error) });
  const succeed = (result: CellResult) => {
    outcomeOf(result, expressions, session).then(finish, fail);
  };
  const run = () => {
    if (session.uncaughtMode.enabled()) return runUncaught();
    try {
      const result = callCell(name, cell, session);
      if (result instanceof Promise) result.then(succeed, fail);
      else succeed(result);
    } catch (error) {
      fail(error);
    }
  };
  /** The same without handlers: see `UncaughtMode`. */
  const runUncaught = () => {
    const { watch } = session.uncaughtMode;
    const running = Promise.resolve().then(() => {
      const result = callCell(name, cell, session);
      if (result instanceof Promise) watch(result.then(succeed), fail);
      else succeed(result);
    });
    watch(running, fail);
  };
  if (cell.imports.length > 0) bindImports(cell, session).then(run, fail);
  else run();
}

async function outcomeOf(
  result: CellResult,
  expressions: Record<string, CompiledCell | ErrorContent>,
  session: Session,
): Promise<Outcome> {
  const data = result && result[0] !== undefined ? await session.bundle(result[0]) : undefined;
  const evaluated: Content = {};
  for (const [key, expression] of Object.entries(expressions))
    evaluated[key] = await evaluate(expression, session);
  return {
    status: "ok",
    ...(data ? { result: { data, metadata: {} } } : {}),
    expressions: evaluated,
    payload: [],
  };
}

/** Evaluates one of the `user_expressions`. */
async function evaluate(expression: CompiledCell | ErrorContent, session: Session): Promise<Content> {
  if (!("code" in expression)) return { status: "error", ...expression };
  try {
    const result = await callCell("Expression", expression, session);
    return { status: "ok", data: await session.bundle(result?.[0]), metadata: {} };
  } catch (error) {
    return { status: "error", ...session.traces.errorContent(error) };
  }
}
