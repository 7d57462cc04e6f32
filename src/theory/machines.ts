/** What a function of token sequences looks like from one node on. */
export interface Readable<N> {
  readonly root: N;
  /** Names a node; nodes of one name have one future. */
  readonly key: (node: N) => string | number;
  /** The nodes that the tokens lead to; none at the end. */
  readonly next: (node: N) => readonly N[];
  /** What the machine has to say at the node. */
  readonly output: (node: N) => readonly number[];
}

/** Numbers that differ by less are one output. */
const GRAIN = 1e-9;

/**
 * The states that the smallest deterministic machine needs which reads a sequence token by token and says at each
 * node what `output` says: the nodes that tokens follow, counted once where they have the same outputs from there
 * on (Myhill and Nerode's classes). The states after the last token are not counted.
 */
export function smallestMachine<N>({ root, key, next, output }: Readable<N>): number {
  const classOfFuture = new Map<string, number>();
  const classOfNode = new Map<string | number, number>();
  let states = 0;
  const visit = (node: N): number => {
    const name = key(node);
    const known = classOfNode.get(name);
    if (known !== undefined) return known;
    const following = next(node);
    const said = output(node).map((value) => Math.round(value / GRAIN));
    const future = JSON.stringify([said, following.map(visit)]);
    if (!classOfFuture.has(future)) {
      classOfFuture.set(future, classOfFuture.size);
      if (following.length > 0) states++;
    }
    const own = classOfFuture.get(future)!;
    classOfNode.set(name, own);
    return own;
  };
  visit(root);
  return states;
}
