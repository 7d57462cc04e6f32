/** Thrown in a cell whose await outlasted an interrupt. */
export class Interrupted extends Error {
  override name = "Interrupted";
  constructor() {
    super("The cell was interrupted.");
  }
}

/** The variables of all cells, by name; each is read and written where the cell that declared it keeps it. */
export type Scope = Record<string, unknown>;

/** What the code of a cell uses by the name `__cell`. */
export interface Tools {
  /** Grows with each interrupt. */
  epoch: number;
  define(accessors: Record<string, [() => unknown, (value: unknown) => void]>): void;
  /** The value that was awaited since `epoch`. Throws if there was an interrupt meanwhile. */
  settled(epoch: number, value: unknown): unknown;
  /** Iterates, and throws if there was an interrupt meanwhile. */
  each(values: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<unknown>;
  import(specifier: string): Promise<unknown>;
  meta: object;
}

/** Makes a name of the session, in place of any that there was. */
export function define(scope: Scope, name: string, get: () => unknown, set: (value: unknown) => void): void {
  Object.defineProperty(scope, name, { get, set, configurable: true, enumerable: true });
}

/** The tools of a session. */
export function cellTools(scope: Scope, load: Tools["import"], meta: object): Tools {
  const tools: Tools = {
    epoch: 0,
    define(accessors) {
      for (const [name, [get, set]] of Object.entries(accessors)) define(scope, name, get, set);
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
