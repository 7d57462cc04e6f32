import type { Runtime } from "node:inspector";

/** The `Variable` of the Debug Adapter Protocol, without `type`, which JupyterLab would show instead of the value. */
export interface Variable {
  name: string;
  value: string;
  /** The reference for a `variables` request about its properties; 0 if it has none. */
  variablesReference: number;
  evaluateName?: string;
  indexedVariables?: number;
}

/** Creates a `variablesReference` to an object's properties. */
export type CreateReference = (object: Runtime.RemoteObject) => number;

/** The result of `Runtime.getProperties`. */
export type PropertiesResult = Runtime.GetPropertiesReturnType;

/** Maximum length of a value's text. */
const maxLength = 1000;

const truncate = (text: string) => (text.length > maxLength ? `${text.slice(0, maxLength)}…` : text);

const firstLine = (text: string) => text.split("\n", 1).join();

/** Internal properties that are not shown. */
const hiddenProperties = new Set(["[[Prototype]]", "[[Scopes]]", "[[FunctionLocation]]"]);

function previewValue({ type, value, subtype }: Runtime.PropertyPreview): string {
  if (type === "string") return JSON.stringify(value);
  if (type === "function") return "ƒ";
  if (type === "accessor") return "(getter)";
  return subtype === "null" ? "null" : (value ?? type);
}

const isList = (subtype: string | undefined) => subtype === "array" || subtype === "typedarray";

/** The first few elements or properties of an object, in brackets. */
function previewText({ subtype, properties, entries = [], overflow }: Runtime.ObjectPreview): string {
  const entryText = ({ type, description }: Runtime.ObjectPreview) =>
    type === "string" ? JSON.stringify(description) : (description ?? type);
  const entryTexts = entries.map(({ key, value }) =>
    key ? `${entryText(key)} => ${entryText(value)}` : entryText(value),
  );
  const propertyTexts = properties.map((property) =>
    isList(subtype) && /^\d+$/.test(property.name)
      ? previewValue(property)
      : `${property.name}: ${previewValue(property)}`,
  );
  const parts = [...(entries.length > 0 ? entryTexts : propertyTexts), ...(overflow ? ["…"] : [])];
  return isList(subtype) ? `[${parts.join(", ")}]` : parts.length > 0 ? `{ ${parts.join(", ")} }` : "{}";
}

/** A value in one line, from what the inspector returned with it. */
export function valueText(object: Runtime.RemoteObject): string {
  const { type, subtype, value, unserializableValue, description = type, preview } = object;
  if (type === "string") return JSON.stringify(truncate(value));
  if (type === "undefined" || subtype === "null") return String(value ?? subtype ?? type);
  if (type === "function") return truncate(firstLine(description));
  if (type !== "object") return unserializableValue ?? object.description ?? String(value);
  if (subtype === "error") return truncate(firstLine(description));
  if (!preview || /^(date|regexp|proxy|promise)$/.test(subtype ?? "")) return truncate(description);
  return truncate(description === "Object" ? previewText(preview) : `${description} ${previewText(preview)}`);
}

/** The number of elements of an array, from its description; undefined for other objects. */
export function lengthOf({ subtype, description = "" }: Runtime.RemoteObject): number | undefined {
  const length = isList(subtype) ? /\((\d+)\)$/.exec(description)?.[1] : undefined;
  return length === undefined ? undefined : Number(length);
}

/** Creates a variable from a value. */
export function createVariable(
  name: string,
  object: Runtime.RemoteObject,
  createReference: CreateReference,
): Variable {
  const length = lengthOf(object);
  return {
    name,
    value: valueText(object),
    variablesReference: object.type === "object" && object.objectId ? createReference(object) : 0,
    ...(length === undefined ? {} : { indexedVariables: length }),
  };
}

/** An object's own properties: first the enumerable ones, then the others, then V8's internal ones. */
export function variablesOf(
  { result, internalProperties = [] }: PropertiesResult,
  createReference: CreateReference,
): Variable[] {
  const properties = result.map((property): [boolean, Variable] => {
    const { name, value, enumerable, get, set } = property;
    if (value) return [enumerable, createVariable(name, value, createReference)];
    // A variable in its temporal dead zone has neither value nor accessors.
    const text = get ? "(getter)" : set ? "(setter)" : "undefined";
    return [enumerable, { name, value: text, variablesReference: 0 }];
  });
  const internal = internalProperties.flatMap(({ name, value }) =>
    value && !hiddenProperties.has(name) ? [createVariable(name, value, createReference)] : [],
  );
  const select = (isEnumerable: boolean) =>
    properties.flatMap(([enumerable, property]) => (enumerable === isEnumerable ? [property] : []));
  return [...select(true), ...select(false), ...internal];
}
