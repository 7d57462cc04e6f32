/*
 * Encodes the part of TensorFlow's protocol buffers that a graph needs (graph.proto, node_def.proto, attr_value.proto,
 * tensor.proto, function.proto, saved_model.proto). An encoded message is the concatenation of its encoded fields, so
 * each function here returns bytes, and messages are joined with `Buffer.concat`.
 */

/** TensorFlow's DataType enum (types.proto). */
export const dataType = {
  float32: 1,
  uint8: 4,
  int32: 3,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;

/** An attribute as tfjs-node passes it to its binding; `type` is one of the binding's `TF_ATTR_…` numbers. */
export interface OperationAttribute {
  readonly name: string;
  readonly type: number;
  readonly value: unknown;
}

/** The values of a constant. An int64 takes two 32-bit words of `data`. */
export interface ConstantTensor {
  readonly dtype: number;
  readonly shape: readonly number[];
  readonly data: Float32Array | Int32Array | Uint8Array;
}

/** Encoded attribute values by name. */
export type Attributes = Readonly<Record<string, Buffer>>;

function varint(value: number | bigint): Buffer {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest === 0n ? low : low | 128);
  } while (rest !== 0n);
  return Buffer.from(bytes);
}

const integer = (field: number, value: number | bigint) => Buffer.concat([varint(field * 8), varint(value)]);

function bytes(field: number, content: Uint8Array | string): Buffer {
  const body = typeof content === "string" ? Buffer.from(content) : content;
  return Buffer.concat([varint(field * 8 + 2), varint(body.length), body]);
}

function float(field: number, value: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeFloatLE(value);
  return Buffer.concat([varint(field * 8 + 5), body]);
}

const packed = (field: number, values: readonly (number | bigint)[]) =>
  bytes(field, Buffer.concat(values.map(varint)));

const shapeOf = (shape: readonly number[]) =>
  Buffer.concat(shape.map((length) => bytes(2, integer(1, length))));

const entry = (field: number, key: string, value: Buffer | string) =>
  bytes(field, Buffer.concat([bytes(1, key), bytes(2, value)]));

/** A dtype as an attribute. */
export const typeAttribute = (type: number): Buffer => integer(6, type);
/** A list of dtypes as an attribute. */
export const typesAttribute = (types: readonly number[]): Buffer => bytes(1, packed(6, types));
/** A shape as an attribute. */
export const shapeAttribute = (shape: readonly number[]): Buffer => bytes(7, shapeOf(shape));
/** A string as an attribute. */
export const textAttribute = (text: string): Buffer => bytes(2, text);
/** An integer as an attribute. */
export const integerAttribute = (value: number): Buffer => integer(3, value);
/** A boolean as an attribute. */
export const booleanAttribute = (value: boolean): Buffer => integer(5, Number(value));
/** A reference to a function as an attribute. */
export const functionAttribute = (name: string): Buffer => bytes(10, bytes(1, name));

/** A tensor as an attribute. If all elements are equal, only one is stored. */
export function tensorAttribute({ dtype, shape, data }: ConstantTensor): Buffer {
  const header = [integer(1, dtype), bytes(2, shapeOf(shape))];
  const [first] = data;
  const isUniform =
    dtype !== dataType.int64 && data.length > 1 && data.every((value) => Object.is(value, first));
  const content = isUniform ? data.subarray(0, 1) : data;
  const raw = Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  if (!isUniform || first === undefined) return bytes(8, Buffer.concat([...header, bytes(4, raw)]));
  if (dtype === dataType.float32) return bytes(8, Buffer.concat([...header, bytes(5, raw)]));
  return bytes(8, Buffer.concat([...header, packed(dtype === dataType.bool ? 11 : 7, [first])]));
}

/** Encodes an attribute of an eager operation. `types` are the binding's numbers of attribute types. */
export function operationAttribute(
  { name, type, value }: OperationAttribute,
  types: Readonly<Record<"string" | "int" | "float" | "bool" | "type" | "shape", number>>,
): Buffer {
  const list = Array.isArray(value) ? (value as number[]) : undefined;
  if (type === types.string) return textAttribute(String(value));
  if (type === types.type) return typeAttribute(value as number);
  if (type === types.shape) return shapeAttribute(value as number[]);
  if (type === types.int) return list ? bytes(1, packed(3, list)) : integer(3, value as number);
  if (type === types.float) {
    return list
      ? bytes(1, Buffer.concat(list.map((element) => float(4, element))))
      : float(4, value as number);
  }
  if (type === types.bool) {
    return list ? bytes(1, packed(5, list.map(Number))) : booleanAttribute(value as boolean);
  }
  throw new Error(`The attribute ${name} has a type, ${type}, that a graph cannot hold.`);
}

/** A node. `inputs` are the names of other nodes' outputs, and `^name` for nodes that must run before. */
export function node(
  name: string,
  operation: string,
  inputs: readonly string[],
  attributes: Attributes = {},
): Buffer {
  return Buffer.concat([
    bytes(1, name),
    bytes(2, operation),
    ...inputs.map((input) => bytes(3, input)),
    ...Object.entries(attributes).map(([key, value]) => entry(5, key, value)),
  ]);
}

/** A function's argument or result. */
export interface Argument {
  readonly name: string;
  readonly dtype: number;
}

/** A function. `results` maps each output to the name of the returned value within the function. */
export function functionDefinition(
  name: string,
  inputs: readonly Argument[],
  outputs: readonly Argument[],
  results: Readonly<Record<string, string>>,
  nodes: readonly Buffer[],
  attributes: Attributes,
): Buffer {
  const argument = ({ name: own, dtype }: Argument) => Buffer.concat([bytes(1, own), integer(3, dtype)]);
  const signature = [
    bytes(1, name),
    ...inputs.map((input) => bytes(2, argument(input))),
    ...outputs.map((output) => bytes(3, argument(output))),
  ];
  return Buffer.concat([
    bytes(1, Buffer.concat(signature)),
    ...Object.entries(attributes).map(([key, value]) => entry(5, key, value)),
    ...nodes.map((body) => bytes(3, body)),
    ...Object.entries(results).map(([key, value]) => entry(4, key, value)),
  ]);
}

/** The tag of the graph in `savedModel`. */
export const GRAPH_TAG = "serve";

/** The GraphDef version that these nodes follow, that of TensorFlow 2.9. */
const PRODUCER = 1087;

/** The contents of a `saved_model.pb` with one graph, without signatures or stored variables. */
export function savedModel(nodes: readonly Buffer[], functions: readonly Buffer[] = []): Buffer {
  const graph = [
    ...nodes.map((body) => bytes(1, body)),
    bytes(4, integer(1, PRODUCER)),
    bytes(2, Buffer.concat(functions.map((body) => bytes(1, body)))),
  ];
  const meta = [bytes(1, bytes(4, GRAPH_TAG)), bytes(2, Buffer.concat(graph))];
  return Buffer.concat([integer(1, 1), bytes(2, Buffer.concat(meta))]);
}
