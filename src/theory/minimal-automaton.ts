/** A function of token sequences, as a tree (or graph) of prefixes. */
export interface SequenceFunction<N> {
  readonly root: N;
  /** Identifies a node. Nodes with the same key must have the same subtree. */
  readonly key: (node: N) => string | number;
  /** The nodes that follow, one per token; none after the last token. */
  readonly next: (node: N) => readonly N[];
  /** The output at the node. */
  readonly output: (node: N) => readonly number[];
}

/** Outputs are rounded to multiples of this before they are compared. */
const OUTPUT_RESOLUTION = 1e-9;

/**
 * The number of states of the minimal deterministic automaton with outputs (Moore machine) that computes a function of
 * token sequences. Nodes with the same outputs in their whole subtree share a state (Myhill-Nerode equivalence). States
 * after the last token are not counted.
 */
export function minimalAutomatonStates<N>({ root, key, next, output }: SequenceFunction<N>): number {
  const classOfSubtree = new Map<string, number>();
  const classOfNode = new Map<string | number, number>();
  let states = 0;
  const visit = (node: N): number => {
    const name = key(node);
    const known = classOfNode.get(name);
    if (known !== undefined) return known;
    const children = next(node);
    const outputs = output(node).map((value) => Math.round(value / OUTPUT_RESOLUTION));
    const subtree = JSON.stringify([outputs, children.map(visit)]);
    let nodeClass = classOfSubtree.get(subtree);
    if (nodeClass === undefined) {
      nodeClass = classOfSubtree.size;
      classOfSubtree.set(subtree, nodeClass);
      if (children.length > 0) states++;
    }
    classOfNode.set(name, nodeClass);
    return nodeClass;
  };
  visit(root);
  return states;
}
