import type { tf } from "./backend.ts";
import type { Program } from "./program.ts";

/*
 * A variable that compiled functions use has a value in each of their sessions beside the one that eager code
 * sees. Which of them are current is kept here, so that a value moves only when it is read where it is old: a
 * training loop moves nothing, and sampling after training moves the weights once.
 */

interface Cell {
  /** The data that the tf.Variable held when it was last current; another one has been assigned eagerly since. */
  dataId: object;
  /** Whether the tf.Variable holds the current value. */
  eager: boolean;
  /** The programs whose sessions do, with the variable's place in each. */
  readonly programs: Map<Program, number>;
}

const cells = new WeakMap<tf.Variable, Cell>();
const stale = new Set<tf.Variable>();

function cellOf(variable: tf.Variable): Cell {
  if (variable.isDisposed) {
    throw new Error(
      `The variable ${variable.name} of a compiled function was disposed: dispose the function first.`,
    );
  }
  const known = cells.get(variable);
  if (known !== undefined && known.dataId === variable.dataId) return known;
  const cell: Cell = { dataId: variable.dataId, eager: true, programs: new Map() };
  cells.set(variable, cell);
  stale.delete(variable);
  return cell;
}

/** Brings the values of these variables, or of all, from the sessions that changed them to the tf.Variables. */
export function pullVariables(variables: Iterable<tf.Variable> = [...stale]): void {
  for (const variable of variables) {
    if (variable.isDisposed) {
      stale.delete(variable);
      continue;
    }
    const cell = cellOf(variable);
    if (cell.eager) continue;
    const [program, index] = [...cell.programs][0]!;
    const value = program.read(index);
    variable.assign(value);
    value.dispose();
    cell.dataId = variable.dataId;
    cell.eager = true;
    stale.delete(variable);
  }
}

/** Makes the tf.Variables' values the current ones, whatever the sessions hold. */
export function pushVariables(variables: Iterable<tf.Variable>): void {
  for (const variable of variables) {
    const cell = cellOf(variable);
    cell.eager = true;
    cell.programs.clear();
    stale.delete(variable);
  }
}

/** Throws where a variable of `program` has been disposed. */
export function refuseDisposed(program: Program): void {
  for (const { variable } of program.variables) cellOf(variable);
}

/** Runs `program` on current variables. */
export function runOnVariables(program: Program, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  const old = program.variables.flatMap(({ variable }, index) =>
    cellOf(variable).programs.has(program) ? [] : [index],
  );
  if (old.length > 0) {
    pullVariables(old.map((index) => program.variables[index]!.variable));
    program.write(old);
    for (const index of old) cellOf(program.variables[index]!.variable).programs.set(program, index);
  }
  const outputs = program.run(inputs);
  for (const [index, { variable, assigned }] of program.variables.entries()) {
    if (!assigned) continue;
    const cell = cellOf(variable);
    cell.eager = false;
    cell.programs.clear();
    cell.programs.set(program, index);
    stale.add(variable);
  }
  return outputs;
}

/** Disposes `program` after saving what only its session holds. */
export function disposeProgram(program: Program): void {
  const living = program.variables.filter(({ variable }) => !variable.isDisposed);
  pullVariables(
    living.filter(({ variable }) => cellOf(variable).programs.has(program)).map(({ variable }) => variable),
  );
  for (const { variable } of living) cellOf(variable).programs.delete(program);
  for (const { variable } of program.variables) if (variable.isDisposed) stale.delete(variable);
  program.dispose();
}
