import { type tasks, tensors } from "allroads";

/*
 * A task: write the digits of the prompt in ascending order. In the settings of a laboratory:
 *
 *   const task = { name: "sorting", code: userCode("notebooks/examples/task.ts", "sorting", { digits: 4 }) };
 *   const config = { ...keyEnvConfig("smoke"), task, model: neoxConfig(task, 24, 2, 2) };
 */

const [PAD, EOS, SORTED, ZERO] = [0, 1, 2, 3];
const WORDS = ["<pad>", "</s>", "sorted:", ..."0123456789"];

export function sorting({ digits }: { digits: number }): tasks.Task {
  const solve = ({ tokens }: tasks.Prompt) => [...tokens.slice(0, digits).sort((a, b) => a - b), EOS];
  /** The share of positions that are right. */
  const score = (prompt: tasks.Prompt, completion: readonly number[]) =>
    solve(prompt).filter((token, index) => token === completion[index]).length / (digits + 1);
  return {
    name: "sorting",
    vocabulary: { size: WORDS.length, pad: PAD, eos: EOS },
    promptLength: digits + 1,
    completionLength: digits + 1,
    data(seed, sizes) {
      const prompts = (part: keyof tasks.DataSizes) => {
        const stream = tensors.randomStream(seed, "sorting", part);
        const drawn = () => Array.from({ length: digits }, () => ZERO + tensors.integer(stream, 10));
        return Array.from({ length: sizes[part] }, () => ({ tokens: [...drawn(), SORTED] }));
      };
      const solved = (part: keyof tasks.DataSizes) =>
        prompts(part).map((prompt) => ({ prompt, completion: solve(prompt) }));
      const [demonstrations, validation] = [solved("demonstrations"), solved("validation")];
      return { demonstrations, prompts: prompts("pairs"), validation, evaluation: solved("evaluation") };
    },
    score,
    isMalformed: (_, completion) => completion.indexOf(EOS) !== digits,
    prefer: (prompt, a, b) => score(prompt, a) > score(prompt, b),
    text: (tokens) => tokens.map((token) => WORDS[token] ?? "?").join(" "),
  };
}
