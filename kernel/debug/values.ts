import type { Runtime } from "node:inspector";

/** A variable as the Debug Adapter Protocol tells it. `type` is left out: JupyterLab would show it, not the value. */
export interface Variable {
  name: string;
  value: string;
  /** By which what it holds is asked for; 0 where it holds nothing. */
  variablesReference: number;
  evaluateName?: string;
  indexedVariables?: number;
}

/** Gives what an object holds a reference. */
export type Refer = (object: Runtime.RemoteObject) => number;

/** What `Runtime.getProperties` tells of an object. */
export type Properties = Runtime.GetPropertiesReturnType;

const longest = 1000;

const cut = (text: string) => (text.length > longest ? `${text.slice(0, longest)}…` : text);

const hidden = new Set(["[[Prototype]]", "[[Scopes]]", "[[FunctionLocation]]"]);

function previewValue({ type, value, subtype }: Runtime.PropertyPreview): string {
  if (type === "string") return JSON.stringify(value);
  if (type === "function") return "ƒ";
  if (type === "accessor") return "(getter)";
  return subtype === "null" ? "null" : (value ?? type);
}

const isList = (subtype: string | undefined) => subtype === "array" || subtype === "typedarray";

/** The first few things in an object, in brackets. */
function previewText({ subtype, properties, entries = [], overflow }: Runtime.ObjectPreview): string {
  const whole = ({ type, description }: Runtime.ObjectPreview) =>
    type === "string" ? JSON.stringify(description) : (description ?? type);
  const held = entries.map(({ key, value }) => (key ? `${whole(key)} => ${whole(value)}` : whole(value)));
  const own = properties.map((property) =>
    isList(subtype) && /^\d+$/.test(property.name)
      ? previewValue(property)
      : `${property.name}: ${previewValue(property)}`,
  );
  const parts = [...(entries.length > 0 ? held : own), ...(overflow ? ["…"] : [])];
  return isList(subtype) ? `[${parts.join(", ")}]` : parts.length > 0 ? `{ ${parts.join(", ")} }` : "{}";
}

/** A value in one line, as far as it can be told without asking for more. */
export function valueText(object: Runtime.RemoteObject): string {
  const { type, subtype, value, unserializableValue, description = type, preview } = object;
  if (type === "string") return JSON.stringify(cut(value));
  if (type === "undefined" || subtype === "null") return String(value ?? subtype ?? type);
  if (type === "function") return cut(description.split("\n")[0]!);
  if (type !== "object") return unserializableValue ?? object.description ?? String(value);
  if (subtype === "error") return cut(description.split("\n")[0]!);
  if (!preview || /^(date|regexp|proxy|promise)$/.test(subtype ?? "")) return cut(description);
  return cut(description === "Object" ? previewText(preview) : `${description} ${previewText(preview)}`);
}

/** How many elements a list has, by what the engine says of it. */
export function lengthOf({ subtype, description = "" }: Runtime.RemoteObject): number | undefined {
  const length = isList(subtype) ? /\((\d+)\)$/.exec(description)?.[1] : undefined;
  return length === undefined ? undefined : Number(length);
}

/** A value under a name. */
export function variable(name: string, object: Runtime.RemoteObject, refer: Refer): Variable {
  const length = lengthOf(object);
  return {
    name,
    value: valueText(object),
    variablesReference: object.type === "object" && object.objectId ? refer(object) : 0,
    ...(length === undefined ? {} : { indexedVariables: length }),
  };
}

/** What an object holds: its own properties, enumerable ones first, then what the engine knows besides. */
export function variablesOf({ result, internalProperties = [] }: Properties, refer: Refer): Variable[] {
  const own = result.map((property): [boolean, Variable] => {
    const { name, value, enumerable, get, set } = property;
    if (value) return [enumerable, variable(name, value, refer)];
    // A variable whose declaration is still to come has neither.
    const text = get ? "(getter)" : set ? "(setter)" : "undefined";
    return [enumerable, { name, value: text, variablesReference: 0 }];
  });
  const internal = internalProperties.flatMap(({ name, value }) =>
    value && !hidden.has(name) ? [variable(name, value, refer)] : [],
  );
  const those = (wanted: boolean) =>
    own.flatMap(([enumerable, each]) => (enumerable === wanted ? [each] : []));
  return [...those(true), ...those(false), ...internal];
}
