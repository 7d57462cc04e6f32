import { interrupted } from "../protocol/thread-messages.ts";

/** Thrown in a cell whose await outlasted an interrupt. */
export class Interrupted extends Error {
  override name = interrupted.ename;
  constructor() {
    super(interrupted.evalue);
  }
}

/** A name of the session: read and written where the cell that declared it last keeps it. */
export class Variable {
  get: () => unknown;
  set: (value: unknown) => void = () => {};
  constructor(name: string) {
    this.get = () => {
      throw new ReferenceError(`${name} is not defined`);
    };
  }
  get value(): unknown {
    return this.get();
  }
  set value(value: unknown) {
    this.set(value);
  }
}

/** What the code of a cell uses by the name `__cell`. */
export interface Tools {
  /** Grows with each interrupt. */
  epoch: number;
  /** The variable of a name: the same whichever cell declares it. */
  variable(name: string): Variable;
  /** The values of all variables, without those that have none yet. */
  variables(): Record<string, unknown>;
  /** Makes names of the session, in place of those that there were. */
  define(accessors: Record<string, [() => unknown, (value: unknown) => void]>): void;
  /** The value that was awaited since `epoch`. Throws if there was an interrupt meanwhile. */
  settled(epoch: number, value: unknown): unknown;
  /** Iterates, and throws if there was an interrupt meanwhile. */
  each(values: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<unknown>;
  import(specifier: string): Promise<unknown>;
  meta: object;
}

/** The tools of a session. */
export function cellTools(load: Tools["import"], meta: object): Tools {
  const variables = new Map<string, Variable>();
  const tools: Tools = {
    epoch: 0,
    variable(name) {
      const found = variables.get(name) ?? new Variable(name);
      variables.set(name, found);
      return found;
    },
    variables() {
      const values: Record<string, unknown> = Object.create(null);
      for (const [name, variable] of variables) {
        try {
          values[name] = variable.value;
        } catch {
          // It is declared further down, or nowhere.
        }
      }
      return values;
    },
    define(accessors) {
      for (const [name, [get, set]] of Object.entries(accessors))
        Object.assign(tools.variable(name), { get, set });
    },
    settled(epoch, value) {
      if (epoch !== tools.epoch) throw new Interrupted();
      return value;
    },
    async *each(values) {
      const { epoch } = tools;
      for await (const value of values) {
        if (epoch !== tools.epoch) throw new Interrupted();
        yield value;
      }
    },
    import: load,
    meta,
  };
  return tools;
}
