import type { ConstantTensor } from "./graph-def.ts";
import type { Graph, TracedOperation } from "./recorder.ts";
import type { Trace } from "./tracer.ts";

/** What a second trace of the same function differs in: a sentence, or nothing where they agree. */
export function difference(first: Trace, second: Trace): string | undefined {
  const within = graphDifference(first, second);
  if (within !== undefined || signature(first) === signature(second)) return within;
  return "it now returns or assigns something else";
}

function graphDifference(first: Graph, second: Graph): string | undefined {
  for (const [index, constant] of first.constants.entries()) {
    const other = second.constants[index];
    if (other === undefined || other.reader !== constant.reader) break;
    if (!sameTensor(constant, other)) {
      return `${describe(constant)} that ${constant.reader} reads${at(constant.place)} has become ${describe(other)}`;
    }
  }
  for (const [index, operation] of first.operations.entries()) {
    const other = second.operations[index];
    if (operation.loop !== undefined && other?.loop !== undefined) {
      const { condition, body } = operation.loop;
      const inside =
        graphDifference(condition, other.loop.condition) ?? graphDifference(body, other.loop.body);
      if (inside !== undefined) return inside;
    }
    if (other !== undefined && sameCall(operation, other)) continue;
    const now = other === undefined ? "is not reached" : `is ${other.operation}${at(other.place)}`;
    return `its operation ${operation.operation}${at(operation.place)} now ${now}, or has other inputs or settings`;
  }
  return undefined;
}

function sameTensor(a: ConstantTensor, b: ConstantTensor): boolean {
  if (a.dtype !== b.dtype || String(a.shape) !== String(b.shape)) return false;
  const raw = ({ data }: ConstantTensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return raw(a).equals(raw(b));
}

function sameCall(a: TracedOperation, b: TracedOperation): boolean {
  return (
    a.operation === b.operation &&
    String(a.inputs.map(({ ref }) => ref)) === String(b.inputs.map(({ ref }) => ref)) &&
    JSON.stringify(a.attributes) === JSON.stringify(b.attributes)
  );
}

function signature({ outputs, result, variables }: Trace): string {
  const assigned = variables.map(({ variable, value, assigned: to }) => [variable.id, value.ref, to?.ref]);
  return JSON.stringify([outputs.map(({ ref }) => ref), result, assigned]);
}

function describe({ shape, data }: ConstantTensor): string {
  const digits = (value: number) => Number(value.toPrecision(7));
  if (data.length === 1) return `the number ${digits(data[0]!)}`;
  return `the constant [${Array.from(data.subarray(0, 3), digits).join(", ")}${data.length > 3 ? ", …" : ""}] of shape [${shape}]`;
}

/** Where a call was made: the first line of code that is neither of the tracer's nor of the libraries it sits under. */
function at({ stack = "" }: Error): string {
  const frames = stack.split("\n").slice(1);
  const library = (frame: string) => /node_modules|tfjs-(core|node)|node:/.test(frame);
  const own = frames
    .slice(frames.findIndex(library))
    .find((frame) => !library(frame) && /:\d+\)?$/.test(frame));
  const place = own?.match(/\(?((?:file:\/\/)?[^()\s]+:\d+):\d+\)?$/)?.[1];
  return place === undefined ? "" : ` at ${place.replace(/^file:\/\//, "")}`;
}
