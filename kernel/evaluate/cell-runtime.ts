import { interruptedError } from "../shared/thread-messages.ts";
import { ownKeys } from "./intrinsics.ts";

/** Thrown after an `await` during which the cell was interrupted. */
export class Interrupted extends Error {
  /** Minification would change it. */
  static override readonly name = "Interrupted";
  override name = interruptedError.ename;
  constructor() {
    super(interruptedError.evalue);
  }
}

const global = globalThis as Record<string, unknown>;

const notDefined = (name: string) => new ReferenceError(`${name} is not defined`);

/**
 * A session variable. Reads and writes go to the local variable of the cell that declared it last, or while there is
 * none, to the global variable.
 */
export class Variable {
  get: () => unknown;
  set: (value: unknown) => void;
  /** Whether a cell has declared it. */
  isDeclared = false;
  private readonly name: string;
  constructor(name: string) {
    this.name = name;
    this.get = () => {
      if (!(name in global)) throw notDefined(name);
      return global[name];
    };
    this.set = (value) => {
      if (!(name in global)) throw notDefined(name);
      global[name] = value;
    };
  }
  define(get: () => unknown, set: (value: unknown) => void): void {
    this.get = get;
    this.set = set;
    this.isDeclared = true;
  }
  get value(): unknown {
    return this.get();
  }
  set value(value: unknown) {
    this.set(value);
  }
  /** The value for `typeof`, which does not throw if nothing has declared the variable. */
  get valueIfDefined(): unknown {
    return this.isDeclared || this.name in global ? this.get() : undefined;
  }
}

/** The functions that rewritten cells call as `__cell`. */
export interface CellRuntime {
  /** The number of interrupts so far. */
  epoch: number;
  /** The session variable of a name. It stays the same object when the name is declared again. */
  variable(name: string): Variable;
  /** The values of the session variables that are initialized. */
  variables(): Record<string, unknown>;
  /** Defines session variables by their getters and setters, replacing earlier definitions. */
  define(accessors: Record<string, [() => unknown, (value: unknown) => void]>): void;
  /**
   * Returns an awaited value.
   *
   * @throws Interrupted if there was an interrupt since `epoch`
   */
  settled(epoch: number, value: unknown): unknown;
  /** Iterates over the values of a `for await`. Throws `Interrupted` at the next value after an interrupt. */
  each(values: Iterable<unknown> | AsyncIterable<unknown>): AsyncGenerator<unknown>;
  /** Dynamic `import()`. */
  import(specifier: string): Promise<unknown>;
  /** `import.meta`. */
  meta: object;
}

/** Creates the runtime of a session's cells. */
export function createCellRuntime(load: CellRuntime["import"], meta: object): CellRuntime {
  const variables: Record<string, Variable> = Object.create(null);
  const runtime: CellRuntime = {
    epoch: 0,
    variable(name) {
      variables[name] ??= new Variable(name);
      return variables[name];
    },
    variables() {
      const values: Record<string, unknown> = Object.create(null);
      for (const [name, variable] of Object.entries(variables)) {
        try {
          if (variable.isDeclared) values[name] = variable.value;
        } catch {
          // Not initialized yet.
        }
      }
      return values;
    },
    define(accessors) {
      const names = ownKeys(accessors) as string[];
      for (let index = 0; index < names.length; index++) {
        const name = names[index]!;
        runtime.variable(name).define(accessors[name]![0], accessors[name]![1]);
      }
    },
    settled(epoch, value) {
      if (epoch !== runtime.epoch) throw new Interrupted();
      return value;
    },
    async *each(values) {
      const { epoch } = runtime;
      for await (const value of values) {
        if (epoch !== runtime.epoch) throw new Interrupted();
        yield value;
      }
    },
    import: load,
    meta,
  };
  return runtime;
}
