import { permutation, randomStream } from "../../tensors/random.ts";
import type { DataSizes } from "../task.ts";
import type { TldrExample } from "./examples.ts";

/**
 * One seed's examples of each part, no prompt in two of them. `posts` have different prompts; several
 * `preferences` may share one, and `pairs` holds all such or some. Without preferences, `pairs` are
 * posts. Posts that also have preferences are used last. Every part has a share of the posts to itself,
 * so that the size of one does not change another while each fits its share.
 *
 * Throws one sentence with the numbers where there are fewer examples than `sizes` asks for.
 */
export function split(
  posts: readonly TldrExample[],
  preferences: readonly TldrExample[],
  seed: number,
  sizes: DataSizes,
): Record<keyof DataSizes, TldrExample[]> {
  const shuffled = (name: string, examples: readonly TldrExample[]): TldrExample[] =>
    permutation(randomStream(seed, "tldr", name), examples.length).map((index) => examples[index]!);
  const preferred = new Set(preferences.map(({ prompt }) => prompt.text));
  const [apart, shared] = [false, true].map((isShared) =>
    shuffled(
      isShared ? "shared posts" : "posts",
      posts.filter(({ prompt }) => preferred.has(prompt.text) === isShared),
    ),
  );

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
  /** The share's own posts, then the other shares' from their ends. */
  const fromPosts = (share: number): TldrExample[] =>
    [apart!, shared!].flatMap((examples) => [
      ...examples.filter((_, index) => index % shares === share),
      ...examples.filter((_, index) => index % shares !== share).reverse(),
    ]);
  const evaluation = take("evaluation", fromPosts(0));
  const validation = take("validation", fromPosts(1));
  const pairs = preferences.length > 0 ? undefined : take("pairs", fromPosts(3));
  const demonstrations = take("demonstrations", fromPosts(2));
  return {
    demonstrations,
    pairs: pairs ?? take("pairs", shuffled("preferences", preferences)),
    validation,
    evaluation,
  };
}
