import type { GraphSession, SessionVariable } from "./graph-session.ts";
import { releaseData } from "./native-binding.ts";
import type { tf } from "./tfjs.ts";

/*
 * Each session of a compiled function has its own value of a variable, and so has the tf.Variable that eager code reads.
 * This file keeps track of which values are current, and copies one only when a stale one is needed: a training loop
 * copies nothing, and sampling after training copies the weights once. A large tf.Variable that is not current holds no
 * elements meanwhile.
 */

interface VariableState {
  /** The tf.Variable's data when it was last current. Another `dataId` means that eager code has assigned it since. */
  dataId: object;
  /** Whether the tf.Variable holds the current value. */
  isEagerCurrent: boolean;
  /** The sessions that hold the current value. */
  readonly sessions: Map<GraphSession, SessionVariable>;
}

/** From this many elements on, a stale tf.Variable is not worth its memory. */
const LARGE = 2 ** 18;

const states = new WeakMap<tf.Variable, VariableState>();
/** Variables whose tf.Variable does not hold the current value. */
const stale = new Set<tf.Variable>();

function stateOf(variable: tf.Variable): VariableState {
  if (variable.isDisposed) {
    throw new Error(
      `The variable ${variable.name} of a compiled function was disposed: dispose the function first.`,
    );
  }
  const known = states.get(variable);
  if (known !== undefined && known.dataId === variable.dataId) return known;
  const state: VariableState = { dataId: variable.dataId, isEagerCurrent: true, sessions: new Map() };
  states.set(variable, state);
  stale.delete(variable);
  return state;
}

/** Copies current values from sessions to these tf.Variables, default all. */
export function pullVariables(variables: Iterable<tf.Variable> = [...stale]): void {
  for (const variable of variables) {
    if (variable.isDisposed) {
      stale.delete(variable);
      continue;
    }
    const state = stateOf(variable);
    const [current] = state.sessions;
    if (state.isEagerCurrent || current === undefined) continue;
    const [session, sessionVariable] = current;
    const value = session.read(sessionVariable);
    variable.assign(value);
    value.dispose();
    state.dataId = variable.dataId;
    state.isEagerCurrent = true;
    stale.delete(variable);
  }
}

/** Makes the tf.Variables' values current and discards those of the sessions. */
export function pushVariables(variables: Iterable<tf.Variable>): void {
  for (const variable of variables) {
    const state = stateOf(variable);
    state.isEagerCurrent = true;
    state.sessions.clear();
    stale.delete(variable);
  }
}

/** Throws if a variable of `session` has been disposed. */
export function checkNotDisposed(session: GraphSession): void {
  for (const { variable } of session.variables) stateOf(variable);
}

/** Runs `session` on current values of its variables. */
export function runOnVariables(session: GraphSession, inputs: readonly tf.Tensor[]): tf.Tensor[] {
  const outdated = session.variables.filter(({ variable }) => !stateOf(variable).sessions.has(session));
  if (outdated.length > 0) {
    pullVariables(outdated.map(({ variable }) => variable));
    session.write(outdated);
    for (const one of outdated) stateOf(one.variable).sessions.set(session, one);
  }
  const outputs = session.run(inputs);
  for (const one of session.variables) {
    if (!one.assigned) continue;
    const state = stateOf(one.variable);
    if (state.isEagerCurrent && one.variable.size >= LARGE) releaseData(one.variable);
    state.isEagerCurrent = false;
    state.sessions.clear();
    state.sessions.set(session, one);
    stale.add(one.variable);
  }
  return outputs;
}

/** Disposes `session` after copying the values that no other session or tf.Variable holds. */
export function disposeSession(session: GraphSession): void {
  const living = session.variables.map(({ variable }) => variable).filter(({ isDisposed }) => !isDisposed);
  pullVariables(living.filter((variable) => stateOf(variable).sessions.has(session)));
  for (const variable of living) stateOf(variable).sessions.delete(session);
  for (const { variable } of session.variables) if (variable.isDisposed) stale.delete(variable);
  session.dispose();
}
