import type { Debugger, Runtime } from "node:inspector";
import type { Content } from "../protocol/wire.ts";
import { debuggee, evaluable } from "./expression.ts";
import { type Frame, isKernels, scopesOf } from "./frames.ts";
import type { Inspector } from "./inspector.ts";
import { lengthOf, type Properties, type Variable, valueText, variable, variablesOf } from "./values.ts";

/** How many elements of a list are listed where the client does not say. */
const page = 1000;

/** A stretch of a list, on the cells' thread. */
const stretch = `function (start, count) {
  const found = Object.create(null);
  for (let at = start; at < Math.min(this.length, start + count); at++) if (at in this) found[at] = this[at];
  return found;
}`;

/** The engine keeps what it was asked about: of the session until the next question, of a stop until it is over. */
export const objectGroups = ["session", "stop"] as const;

type ObjectGroup = (typeof objectGroups)[number];

const groupOf = (call: Debugger.CallFrame | undefined): ObjectGroup => (call ? "stop" : "session");

/** Lists what a reference stands for. */
type Lister = (range: { start?: number; count?: number }) => Promise<Variable[]>;

/** Questions about values. */
export interface Inspection {
  /** The scopes of a frame. */
  scopes(frame: Frame): Promise<Content[]>;
  /** What a reference stands for. Throws where it is of another stop. */
  variables(reference: number, range: { start?: number; count?: number }): Promise<Variable[]>;
  /** The variables of the session: what earlier questions about them gave can no longer be looked into. */
  session(): Promise<Variable[]>;
  /** Evaluates JavaScript in a frame, or in the session. Throws what it throws, as a sentence. */
  evaluate(
    code: string,
    call: Debugger.CallFrame | undefined,
  ): Promise<{ result: string; variablesReference: number }>;
  /** The value of `wrap` applied to an expression, which is JSON. */
  ask(
    code: string,
    wrap: (expression: string) => string,
    call: Debugger.CallFrame | undefined,
  ): Promise<string>;
  /** Forgets what belongs to a stop that is over. */
  forget(): void;
}

/** Opens questions; `names` are those of the session. */
export function openInspection(post: Inspector["post"], names: () => ReadonlySet<string>): Inspection {
  let last = 0;
  const ofStop = new Map<number, Lister>();
  const ofSession = new Map<number, Lister>();

  const refer = (table: Map<number, Lister>, list: Lister): number => {
    last += 1;
    table.set(last, list);
    return last;
  };

  const properties = (objectId: string | undefined): Promise<Properties> =>
    post("Runtime.getProperties", { objectId, ownProperties: true, generatePreview: true });

  /** Gives an object a reference in a table, and what it holds when it is asked for. */
  const into =
    (table: Map<number, Lister>) =>
    (object: Runtime.RemoteObject): number =>
      refer(table, async ({ start = 0, count = page }) => {
        const length = lengthOf(object);
        if (length === undefined || (length <= page && start === 0))
          return variablesOf(await properties(object.objectId), into(table));
        const call = { objectId: object.objectId, arguments: [{ value: start }, { value: count || page }] };
        const { result } = await post("Runtime.callFunctionOn", { ...call, functionDeclaration: stretch });
        return variablesOf(await properties(result.objectId), into(table));
      });

  const scopeVariables = async (objects: Runtime.RemoteObject[]): Promise<Variable[]> => {
    const found = new Map<string, Variable>();
    for (const { objectId } of objects)
      for (const each of variablesOf(await properties(objectId), into(ofStop)))
        if (!found.has(each.name) && !isKernels(each.name))
          found.set(each.name, { ...each, evaluateName: each.name });
    return [...found.values()];
  };

  /** The names at hand in a frame. */
  const namesIn = async (call: Debugger.CallFrame): Promise<Set<string>> => {
    const found = new Set<string>();
    for (const { type, object } of call.scopeChain)
      if (type !== "global")
        for (const { name } of (await properties(object.objectId)).result) found.add(name);
    return found;
  };

  const run = async (
    code: string,
    call: Debugger.CallFrame | undefined,
    how: Content,
  ): Promise<Runtime.RemoteObject> => {
    const options = { ...how, silent: true, generatePreview: true };
    const { result, exceptionDetails } = call
      ? await post("Debugger.evaluateOnCallFrame", {
          ...options,
          expression: code,
          callFrameId: call.callFrameId,
        })
      : await post("Runtime.evaluate", { ...options, expression: code, disableBreaks: true });
    if (exceptionDetails)
      throw new Error(
        valueText(exceptionDetails.exception ?? { type: "string", value: exceptionDetails.text }),
      );
    return result;
  };

  const rewritten = async (code: string, call: Debugger.CallFrame | undefined) =>
    evaluable(code, names(), call ? await namesIn(call) : new Set());

  const sessionVariables = async (table: Map<number, Lister>, objectGroup: ObjectGroup) => {
    const { objectId } = await run(`${debuggee}.variables()`, undefined, { objectGroup });
    const found = variablesOf(await properties(objectId), into(table));
    return found.map((each) => ({ ...each, evaluateName: each.name }));
  };

  return {
    async scopes({ call }) {
      if (!call) return [];
      const scopes = scopesOf(call).map(({ name, objects }, index) => {
        const outside = async () => {
          const found = await scopeVariables(objects);
          if (index > 0) return found;
          const add = (name: string, object: Runtime.RemoteObject | undefined) =>
            object && object.type !== "undefined" ? [variable(name, object, into(ofStop))] : [];
          return [...found, ...add("this", call.this), ...add("return", call.returnValue)];
        };
        return { name, variablesReference: refer(ofStop, outside), expensive: false };
      });
      const session = refer(ofStop, () => sessionVariables(ofStop, "stop"));
      return [...scopes, { name: "Session", variablesReference: session, expensive: false }];
    },
    async variables(reference, range) {
      const list = ofStop.get(reference) ?? ofSession.get(reference);
      if (!list)
        throw new Error("What this variable held was of an earlier stop: ask for the variables anew.");
      return list(range);
    },
    async session() {
      ofSession.clear();
      await post("Runtime.releaseObjectGroup", { objectGroup: "session" });
      return sessionVariables(ofSession, "session");
    },
    async evaluate(code, call) {
      const result = await run(await rewritten(code, call), call, { objectGroup: groupOf(call) });
      const { value, variablesReference } = variable("", result, into(call ? ofStop : ofSession));
      return { result: value, variablesReference };
    },
    async ask(code, wrap, call) {
      const expression = (await rewritten(code, call)).trim().replace(/;$/, "");
      return (await run(wrap(expression), call, { returnByValue: true, objectGroup: groupOf(call) })).value;
    },
    forget() {
      ofStop.clear();
      post("Runtime.releaseObjectGroup", { objectGroup: "stop" }).catch(() => {});
    },
  };
}
