import type { Debugger, Runtime } from "node:inspector";
import type { Content } from "../shared/content.ts";
import { bindSessionVariables, debuggee } from "./expression.ts";
import { type Frame, isKernelVariable, scopesOf } from "./frames.ts";
import type { Inspector } from "./inspector.ts";
import {
  createVariable,
  lengthOf,
  type PropertiesResult,
  type Variable,
  valueText,
  variablesOf,
} from "./values.ts";

/** Maximum number of array elements listed at once if the client does not set a count. */
const pageSize = 1000;

/** A function for `Runtime.callFunctionOn` that returns a slice of an array. */
const sliceFunction = `function (start, count) {
  const slice = Object.create(null);
  for (let i = start; i < Math.min(this.length, start + count); i++) if (i in this) slice[i] = this[i];
  return slice;
}`;

/**
 * The object groups that keep inspected objects alive: "session" until the next request for the session variables,
 * "stop" until execution continues.
 */
export const objectGroups = ["session", "stop"] as const;

type ObjectGroup = (typeof objectGroups)[number];

const groupOf = (call: Debugger.CallFrame | undefined): ObjectGroup => (call ? "stop" : "session");

/** The arguments of a `variables` request. */
interface Range {
  start?: number;
  count?: number;
}

/** Lists the variables of a `variablesReference`. */
type Lister = (range: Range) => Promise<Variable[]>;

type References = Map<number, Lister>;

/** Inspection of scopes, variables and expressions. */
export interface Inspection {
  /** The `Scope`s of a frame. */
  scopes(frame: Frame): Promise<Content[]>;
  /**
   * The variables of a `variablesReference`.
   *
   * @throws if the reference is no longer valid
   */
  variables(reference: number, range: Range): Promise<Variable[]>;
  /** The session variables. Invalidates the references of an earlier call. */
  sessionVariables(): Promise<Variable[]>;
  /**
   * Evaluates JavaScript in a frame, or globally.
   *
   * @throws if the code does
   */
  evaluate(
    code: string,
    call: Debugger.CallFrame | undefined,
  ): Promise<{ result: string; variablesReference: number }>;
  /** Evaluates a wrapped expression, e.g. a call with it as argument, and returns the value, which must be JSON. */
  evaluateWrapped(
    code: string,
    wrap: (expression: string) => string,
    call: Debugger.CallFrame | undefined,
  ): Promise<string>;
  /** Invalidates the references of the last stop. */
  releaseStop(): void;
}

/** Creates the inspection. `names` returns the names of the session variables. */
export function openInspection(post: Inspector["post"], names: () => ReadonlySet<string>): Inspection {
  let lastReference = 0;
  const stopReferences: References = new Map();
  const sessionReferences: References = new Map();

  const createReference = (references: References, list: Lister): number => {
    lastReference += 1;
    references.set(lastReference, list);
    return lastReference;
  };

  const getProperties = (objectId: string | undefined): Promise<PropertiesResult> =>
    post("Runtime.getProperties", { objectId, ownProperties: true, generatePreview: true });

  /** Returns a function that creates a reference to an object's properties, which are fetched on request. */
  const referTo =
    (references: References) =>
    (object: Runtime.RemoteObject): number =>
      createReference(references, async ({ start = 0, count = pageSize }) => {
        const length = lengthOf(object);
        if (length === undefined || (length <= pageSize && start === 0))
          return variablesOf(await getProperties(object.objectId), referTo(references));
        const { result } = await post("Runtime.callFunctionOn", {
          objectId: object.objectId,
          functionDeclaration: sliceFunction,
          arguments: [{ value: start }, { value: count || pageSize }],
        });
        return variablesOf(await getProperties(result.objectId), referTo(references));
      });

  const scopeVariables = async (objects: Runtime.RemoteObject[]): Promise<Variable[]> => {
    const byName = new Map<string, Variable>();
    for (const { objectId } of objects)
      for (const each of variablesOf(await getProperties(objectId), referTo(stopReferences)))
        if (!byName.has(each.name) && !isKernelVariable(each.name))
          byName.set(each.name, { ...each, evaluateName: each.name });
    return [...byName.values()];
  };

  /** The names of all non-global variables in scope. */
  const namesInScope = async (call: Debugger.CallFrame): Promise<Set<string>> => {
    const inScope = new Set<string>();
    for (const { type, object } of call.scopeChain)
      if (type !== "global")
        for (const { name } of (await getProperties(object.objectId)).result) inScope.add(name);
    return inScope;
  };

  const run = async (
    code: string,
    call: Debugger.CallFrame | undefined,
    options: Content,
  ): Promise<Runtime.RemoteObject> => {
    const request = { ...options, expression: code, silent: true, generatePreview: true };
    const { result, exceptionDetails } = call
      ? await post("Debugger.evaluateOnCallFrame", { ...request, callFrameId: call.callFrameId })
      : await post("Runtime.evaluate", { ...request, disableBreaks: true });
    if (exceptionDetails)
      throw new Error(
        valueText(exceptionDetails.exception ?? { type: "string", value: exceptionDetails.text }),
      );
    return result;
  };

  const bindNames = async (code: string, call: Debugger.CallFrame | undefined) =>
    bindSessionVariables(code, names(), call ? await namesInScope(call) : new Set());

  const listSession = async (references: References, objectGroup: ObjectGroup) => {
    const { objectId } = await run(`${debuggee}.variables()`, undefined, { objectGroup });
    const variables = variablesOf(await getProperties(objectId), referTo(references));
    return variables.map((each) => ({ ...each, evaluateName: each.name }));
  };

  return {
    async scopes({ call }) {
      if (!call) return [];
      const scopes = scopesOf(call).map(({ name, objects }, index) => {
        const list = async () => {
          const variables = await scopeVariables(objects);
          if (index > 0) return variables;
          const special = (name: string, object: Runtime.RemoteObject | undefined) =>
            object && object.type !== "undefined"
              ? [createVariable(name, object, referTo(stopReferences))]
              : [];
          return [...variables, ...special("this", call.this), ...special("return", call.returnValue)];
        };
        return { name, variablesReference: createReference(stopReferences, list), expensive: false };
      });
      const session = createReference(stopReferences, () => listSession(stopReferences, "stop"));
      return [...scopes, { name: "Session", variablesReference: session, expensive: false }];
    },
    async variables(reference, range) {
      const list = stopReferences.get(reference) ?? sessionReferences.get(reference);
      if (!list)
        throw new Error(
          `The variablesReference ${reference} is no longer valid: request the scopes or the session variables again.`,
        );
      return list(range);
    },
    async sessionVariables() {
      sessionReferences.clear();
      await post("Runtime.releaseObjectGroup", { objectGroup: "session" });
      return listSession(sessionReferences, "session");
    },
    async evaluate(code, call) {
      const result = await run(await bindNames(code, call), call, { objectGroup: groupOf(call) });
      const refer = referTo(call ? stopReferences : sessionReferences);
      const { value, variablesReference } = createVariable("", result, refer);
      return { result: value, variablesReference };
    },
    async evaluateWrapped(code, wrap, call) {
      const expression = (await bindNames(code, call)).trim().replace(/;$/, "");
      const options = { returnByValue: true, objectGroup: groupOf(call) };
      return (await run(wrap(expression), call, options)).value;
    },
    releaseStop() {
      stopReferences.clear();
      post("Runtime.releaseObjectGroup", { objectGroup: "stop" }).catch(() => {});
    },
  };
}
