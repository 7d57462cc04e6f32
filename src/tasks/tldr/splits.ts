import { permutation, randomStream } from "../../tensors/random.ts";
import type { DataSizes } from "../task.ts";
import type { TldrExample } from "./examples.ts";

/**
 * One seed's examples of each part of the data. No prompt is in two parts. `posts` must have different prompts; several
 * `preferences` may share one, and `pairs` may hold all of them or some. Without preferences, `pairs` are posts. Posts
 * that also have preferences are used last. Each part has its own share of the posts: as long as parts fit their
 * shares, the size of one does not change another.
 *
 * @throws if there are fewer examples than `sizes` asks for
 */
export function splitExamples(
  posts: readonly TldrExample[],
  preferences: readonly TldrExample[],
  seed: number,
  sizes: DataSizes,
): Record<keyof DataSizes, TldrExample[]> {
  const shuffled = (name: string, examples: readonly TldrExample[]): TldrExample[] =>
    permutation(randomStream(seed, "tldr", name), examples.length).map((index) => examples[index]!);
  const preferred = new Set(preferences.map(({ prompt }) => prompt.text));
  const isPreferred = ({ prompt }: TldrExample): boolean => preferred.has(prompt.text);
  const apart = shuffled(
    "posts",
    posts.filter((post) => !isPreferred(post)),
  );
  const shared = shuffled("shared posts", posts.filter(isPreferred));

  const used = new Set<string>();
  function take(part: keyof DataSizes, candidates: readonly TldrExample[]): TldrExample[] {
    const taken = candidates.filter(({ prompt }) => !used.has(prompt.text)).slice(0, sizes[part]);
    if (taken.length < sizes[part]) {
      throw new Error(
        `The task is asked for ${sizes.demonstrations} demonstrations, ${sizes.validation} validation and ` +
          `${sizes.evaluation} evaluation posts and ${sizes.pairs} pairs, but holds ${posts.length} posts with ` +
          `different prompts and ${preferences.length} preferences, which leaves ${taken.length} for ` +
          `${part}: ask for fewer or give more rows.`,
      );
    }
    for (const { prompt } of taken) used.add(prompt.text);
    return taken;
  }

  const shares = preferences.length > 0 ? 3 : 4;
  /** The posts of a share, then those of the other shares from their ends. */
  const fromShare = (share: number): TldrExample[] =>
    [apart, shared].flatMap((examples) => [
      ...examples.filter((_, index) => index % shares === share),
      ...examples.filter((_, index) => index % shares !== share).reverse(),
    ]);
  const evaluation = take("evaluation", fromShare(0));
  const validation = take("validation", fromShare(1));
  const pairs = preferences.length > 0 ? undefined : take("pairs", fromShare(3));
  const demonstrations = take("demonstrations", fromShare(2));
  return {
    demonstrations,
    pairs: pairs ?? take("pairs", shuffled("preferences", preferences)),
    validation,
    evaluation,
  };
}
