import vm from "node:vm";
import type { MimeBundle } from "../display/jupyter.ts";
import type { Compiled, ErrorContent, Outcome } from "../protocol/thread-messages.ts";
import type { Content } from "../protocol/wire.ts";
import type { Exposure } from "./uncaught-mode.ts";
import { binding, type Exports } from "./commonjs-interop.ts";
import type { Tools } from "./cell-runtime.ts";
import type { Traces } from "./stack-traces.ts";

/** What cells run in. */
export interface Session {
  folder: string;
  tools: Tools;
  traces: Traces;
  require: NodeJS.Require;
  exposure: Exposure;
  load(specifier: string): Promise<Exports>;
  /** The bundle that a value is shown by. */
  bundle(value: unknown): MimeBundle | Promise<MimeBundle>;
}

type Start = (
  tools: Tools,
  require: NodeJS.Require,
  filename: string,
  dirname: string,
) => () => undefined | [unknown] | Promise<undefined | [unknown]>;

/** The names that a cell imports, as live bindings of the session. */
async function bindImports({ imports }: Compiled, { load, tools }: Session): Promise<void> {
  const loaded: Exports[] = [];
  for (const { specifier } of imports) loaded.push(await load(specifier));
  imports.forEach(({ names }, index) => {
    for (const [imported, local] of names) {
      const constant = () => {
        throw new TypeError(`Assignment to the import "${local}".`);
      };
      tools.define({ [local]: [() => binding(loaded[index]!, imported), constant] });
    }
  });
}

/** Runs a compiled cell: `[value]` where it ends in an expression. Rejects with whatever it throws. */
function start(name: string, cell: Compiled, session: Session): ReturnType<ReturnType<Start>> {
  const { tools, require, folder, traces } = session;
  traces.cell(name, cell);
  // The engine would keep each script for the text's sake, in case it came again; functions it lets go.
  const give = "return ";
  const make: Start = vm.compileFunction(give + cell.code, [], {
    filename: name,
    columnOffset: -give.length,
  })();
  return make(tools, require, `${folder}/${name}.ts`, folder)();
}

/**
 * Runs a cell and hands its outcome to `finish`. No promise of the kernel's own lies between a cell without
 * `await` and its outcome: an interrupt drops every continuation that is due.
 */
export function runCell(
  name: string,
  cell: Compiled,
  expressions: Record<string, Compiled | ErrorContent>,
  session: Session,
  finish: (outcome: Outcome) => void,
): void {
  const fail = (error: unknown) => finish({ status: "error", ...session.traces.content(error) });
  const settle = (result: undefined | [unknown]) => {
    show(result, expressions, session).then(finish, fail);
  };
  const run = () => {
    if (session.exposure.wanted()) return runExposed();
    try {
      const result = start(name, cell, session);
      if (result instanceof Promise) result.then(settle, fail);
      else settle(result);
    } catch (error) {
      fail(error);
    }
  };
  /** The same with no handler around it. */
  const runExposed = () => {
    const { watch } = session.exposure;
    const running = Promise.resolve().then(() => {
      const result = start(name, cell, session);
      if (result instanceof Promise) watch(result.then(settle), fail);
      else settle(result);
    });
    watch(running, fail);
  };
  if (cell.imports.length > 0) bindImports(cell, session).then(run, fail);
  else run();
}

async function show(
  result: undefined | [unknown],
  expressions: Record<string, Compiled | ErrorContent>,
  session: Session,
): Promise<Outcome> {
  const shown = result && result[0] !== undefined ? await session.bundle(result[0]) : undefined;
  const evaluated: Content = {};
  for (const [key, expression] of Object.entries(expressions))
    evaluated[key] = await evaluate(expression, session);
  return {
    status: "ok",
    ...(shown ? { result: { data: shown, metadata: {} } } : {}),
    expressions: evaluated,
    payload: [],
  };
}

async function evaluate(expression: Compiled | ErrorContent, session: Session): Promise<Content> {
  if (!("code" in expression)) return { status: "error", ...expression };
  try {
    const result = await start("Expression", expression, session);
    return { status: "ok", data: await session.bundle(result?.[0]), metadata: {} };
  } catch (error) {
    return { status: "error", ...session.traces.content(error) };
  }
}
