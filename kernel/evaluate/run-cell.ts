import { types } from "node:util";
import vm from "node:vm";
import { type MimeBundle, metadataOf } from "../display/mime-bundle.ts";
import type { CompiledCell, Outcome, Shown } from "../shared/thread-messages.ts";
import type { CellRuntime } from "./cell-runtime.ts";
import { type Exports, importedValue } from "./commonjs-interop.ts";
import { bare, chain, resolved } from "./intrinsics.ts";
import type { StackTraces } from "./stack-traces.ts";
import type { UncaughtMode } from "./uncaught-mode.ts";

const { compileFunction } = vm;
const { isPromise } = types;

/** The environment in which cells run. */
export interface Session {
  folder: string;
  runtime: CellRuntime;
  traces: StackTraces;
  require: NodeJS.Require;
  uncaughtMode: UncaughtMode;
  /** Loads a module. With `mayHaveTypes`, it may have only types; reading one of its exports throws then. */
  load(specifier: string, mayHaveTypes?: boolean): Promise<Exports>;
  /** The MIME bundle that shows a value. */
  bundle(value: unknown): MimeBundle | Promise<MimeBundle>;
  /** Keeps the value of the cell with an execution count. */
  keepResult(count: number, value: unknown): void;
  /** Calls a function once all microtasks and ticks that have been scheduled so far are done. */
  afterTasks(callback: () => void): void;
}

/** The value of a cell's final expression, if it ends with one. */
type CellResult = { value: unknown } | undefined;

/** The value of a rewritten cell's code. */
type CellFactory = (
  runtime: CellRuntime,
  require: NodeJS.Require,
  filename: string,
  dirname: string,
) => () => CellResult | Promise<CellResult>;

/** A cell to run. */
export interface CellRun {
  name: string;
  /** The execution count; 0 if the cell is not counted. */
  count: number;
  cell: CompiledCell;
  /** The `user_expressions`. */
  expressions: readonly CompiledCell[];
}

/** Receives a value or an error. */
interface Receiver<T> {
  onValue(value: T): void;
  onError(error: unknown): void;
}

/** Calls a function and passes on its value, or that of its promise, or the error. */
function settle<T>(compute: () => T | Promise<T>, { onValue, onError }: Receiver<T>): void {
  const receive = (value: T) => {
    try {
      onValue(value);
    } catch (error) {
      onError(error);
    }
  };
  try {
    const value = compute();
    if (isPromise(value)) chain(value as Promise<T>, receive, onError);
    else receive(value);
  } catch (error) {
    onError(error);
  }
}

/** Defines the names that a cell imports from a module as live bindings of the session. */
function defineImports(names: [string, string][], namespace: Exports, { define }: CellRuntime): void {
  for (let index = 0; index < names.length; index++) {
    const imported = names[index]![0];
    const local = names[index]![1];
    const rejectAssignment = () => {
      throw new TypeError(`Assignment to the import "${local}".`);
    };
    define({ [local]: [() => importedValue(namespace, imported), rejectAssignment] });
  }
}

/** Loads the modules that a cell imports, then defines all imported names. */
function bindImports(
  { imports }: CompiledCell,
  session: Session,
  { onValue: proceed, onError }: Receiver<void>,
): void {
  const namespaces: Record<number, Exports> = bare({});
  const loadFrom = (index: number) => {
    const onValue = (namespace: Exports) => {
      namespaces[index] = namespace;
      loadFrom(index + 1);
    };
    if (index < imports.length) {
      const { specifier, names } = imports[index]!;
      return settle(() => session.load(specifier, names.length > 0), { onValue, onError });
    }
    for (let each = 0; each < index; each++)
      defineImports(imports[each]!.names, namespaces[each]!, session.runtime);
    proceed();
  };
  loadFrom(0);
}

/** Calls a compiled cell. Throws or rejects with the error of the cell. */
function callCell(name: string, cell: CompiledCell, session: Session): CellResult | Promise<CellResult> {
  const { runtime, require, folder, traces } = session;
  traces.addCell(name, cell);
  // V8's compilation cache keeps every `vm.Script` alive, but not functions made by `compileFunction`.
  const prefix = "return ";
  const options = bare({ filename: name, columnOffset: -prefix.length });
  const factory: CellFactory = compileFunction(prefix + cell.code, [], options)();
  return factory(runtime, require, `${folder}/${name}.ts`, folder)();
}

/**
 * Runs a cell, shows its value and evaluates expressions, and passes the outcome to `finish`. A cell without `await` is
 * called, and its error caught, synchronously: an interrupt drops all pending promise continuations.
 */
export function runCell(
  { name, count, cell, expressions }: CellRun,
  session: Session,
  finish: (outcome: Outcome) => void,
): void {
  const { traces, uncaughtMode, afterTasks } = session;
  const finishLater = (outcome: Outcome) => afterTasks(() => finish(outcome));
  const onError = (error: unknown) => finishLater({ error: traces.errorText(error) });
  const onValue = (result: CellResult) => {
    const hasValue = result && result.value !== undefined;
    if (hasValue) session.keepResult(count, result.value);
    const showExpressions = (data: MimeBundle | undefined) =>
      evaluateAll(expressions, session, (shown) =>
        finishLater({ data, metadata: data && metadataOf(data), expressions: shown }),
      );
    settle(() => (hasValue ? session.bundle(result.value) : undefined), {
      onValue: showExpressions,
      onError,
    });
  };
  const run = () => {
    if (uncaughtMode.enabled()) runUncaught();
    else settle(() => callCell(name, cell, session), { onValue, onError });
  };
  /** The same without handlers: see `UncaughtMode`. */
  const runUncaught = () => {
    const { watch } = uncaughtMode;
    const running = chain(resolved, () => {
      const result = callCell(name, cell, session);
      if (isPromise(result)) watch(chain(result as Promise<CellResult>, onValue), onError);
      else onValue(result);
    });
    watch(running, onError);
  };
  if (cell.imports.length > 0) bindImports(cell, session, { onValue: run, onError });
  else run();
}

/** Evaluates the `user_expressions` one after the other. */
function evaluateAll(
  expressions: readonly CompiledCell[],
  session: Session,
  done: (shown: Record<number, Shown>) => void,
): void {
  const all: Record<number, Shown> = bare({});
  const evaluateFrom = (index: number) => {
    if (index === expressions.length) return done(all);
    const proceed = (shown: Shown) => {
      all[index] = shown;
      session.afterTasks(() => evaluateFrom(index + 1));
    };
    const onError = (error: unknown) => proceed({ error: session.traces.errorText(error) });
    const show = (result: CellResult) =>
      settle(() => session.bundle(result?.value), { onValue: (data) => proceed({ data }), onError });
    settle(() => callCell("Expression", expressions[index]!, session), { onValue: show, onError });
  };
  evaluateFrom(0);
}
