import { describeCallSite } from "./call-site.ts";
import type { ConstantTensor } from "./graph-def.ts";
import type { Graph, TracedOperation } from "./recorder.ts";
import type { Trace } from "./tracer.ts";

/** Describes the first difference between two traces of the same function; undefined if there is none. */
export function traceDifference(first: Trace, second: Trace): string | undefined {
  const found = graphDifference(first, second);
  if (found !== undefined || resultSignature(first) === resultSignature(second)) return found;
  return "it now returns or assigns something else";
}

function graphDifference(first: Graph, second: Graph): string | undefined {
  for (const [index, constant] of first.constants.entries()) {
    const other = second.constants[index];
    if (other === undefined || other.reader !== constant.reader) break;
    if (!sameTensor(constant, other)) {
      const reader = `${constant.reader} reads${describeCallSite(constant.callSite)}`;
      return `${describeTensor(constant)} that ${reader} has become ${describeTensor(other)}`;
    }
  }
  for (const [index, operation] of first.operations.entries()) {
    const other = second.operations[index];
    if (operation.loop !== undefined && other?.loop !== undefined) {
      const inside =
        graphDifference(operation.loop.condition, other.loop.condition) ??
        graphDifference(operation.loop.body, other.loop.body);
      if (inside !== undefined) return inside;
    }
    if (other !== undefined && sameCall(operation, other)) continue;
    const before = `${operation.operation}${describeCallSite(operation.callSite)}`;
    const now =
      other === undefined ? "is not reached" : `is ${other.operation}${describeCallSite(other.callSite)}`;
    return `its operation ${before} now ${now}, or has other inputs or settings`;
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

/** The returned and the assigned values, as text. */
function resultSignature({ outputs, resultStructure, variables }: Trace): string {
  const assignments = variables.map(({ variable, value, assigned }) => [
    variable.id,
    value.ref,
    assigned?.ref,
  ]);
  return JSON.stringify([outputs.map(({ ref }) => ref), resultStructure, assignments]);
}

function describeTensor({ shape, data }: ConstantTensor): string {
  const start = Array.from(data.subarray(0, 3), (value) => Number(value.toPrecision(7))).join(", ");
  if (data.length === 1) return `the number ${start}`;
  return `the constant [${start}${data.length > 3 ? ", …" : ""}] of shape [${shape}]`;
}
