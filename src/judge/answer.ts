import type { NoVerdict } from "./judge.ts";

/** "A" or "B", or why an answer names neither. */
export type Choice = "A" | "B" | Exclude<NoVerdict, "no answer">;

/** What a model answered, as far as reading it needs. */
export interface AnswerText {
  readonly text: string;
  /** Why the model stopped: "stop", "length", "content_filter", …. */
  readonly finish?: string;
  /** What it said when it declined in the field for that. */
  readonly refusal?: string;
}

/**
 * Reads which of two summaries an answer prefers: what follows "Preferred:" (or Preference, Choice, Answer, Winner, Verdict),
 * on its line or the next, or else the last line if that is only a choice. Case, Markdown, quotation marks, brackets and
 * "Summary" before the letter do not matter. Answers that name both, or first one and then the other, are unreadable.
 */
export function readChoice({ text, finish, refusal }: AnswerText): Choice {
  const said = text
    .normalize("NFKC")
    .replace(/^[\s\S]*<\/think>/, "")
    .replace(/<think>[\s\S]*$/, "");
  const plain = withoutMarks(said);
  const [choice, other] = new Set(labelled(plain) ?? lastLine(plain));
  if (choice !== undefined && choice !== "?" && other === undefined) return choice;
  if (refusal || finish === "content_filter") return "refused";
  if (finish === "length") return "cut off";
  return DECLINES.test(said) ? "refused" : "unreadable";
}

/** Quotation marks, brackets and marks of Markdown and LaTeX left out; an opening parenthesis is a comma. */
const withoutMarks = (text: string) =>
  text.replaceAll(/\\boxed|\\text|[*_`~#<>){}[\]"'“”‘’«»„$]/g, "").replaceAll("(", ", ");

const DECLINES =
  /^\s*(?:i['’]?m (?:very |really )?sorry|sorry|i apologi[sz]e|i can(?:no|['’]?)t\b|i am (?:unable|not able)|i['’]m unable|as an ai\b)/i;

type Named = "A" | "B" | "?";

/** What follows each label: a choice, or "?" if it names none or both. Undefined if there is no label. */
function labelled(text: string): Named[] | undefined {
  const after = (label: RegExp) =>
    [...text.matchAll(label)].map(({ index, 0: { length } }): Named => {
      const [line = ""] = text
        .slice(index + length)
        .trimStart()
        .split("\n", 1);
      return choiceOf(line) ?? "?";
    });
  const asked = after(/^[^\S\n]*(?:final |my )?prefer(?:red|ence)\b[^:=\n]{0,24}[:=]/gim);
  if (asked.length > 0) return asked;
  const within = after(/\bprefer(?:red|ence)\b[^:=\n]{0,24}[:=]/gi).filter((one) => one !== "?");
  if (within.length > 0) return within;
  const others = after(
    /^[^\S\n]*(?:(?:the |my )?final )?(?:choice|answer|winner|verdict)\b[^:=\n]{0,24}[:=]/gim,
  );
  return others.length > 0 ? others : undefined;
}

function lastLine(text: string): Named[] {
  const line = text.trim().split("\n").at(-1) ?? "";
  const sentence =
    /^\s*(?:so,? |therefore,? |overall,? )?(?:i (?:prefer|choose|would choose|pick)|(?:the )?(?:better|best|preferred) (?:summary|one) is|my choice is)\s+(.*)$/i;
  const choice = choiceOf(sentence.exec(line)?.[1] ?? line);
  return choice === undefined ? [] : [choice];
}

/**
 * The letter that a text consists of, or begins with if punctuation or a reason follows. A small "a" with words after it is
 * an article.
 */
function choiceOf(text: string): "A" | "B" | undefined {
  const [, letter = "", rest = ""] =
    /^\s*(?:(?:is|the)\s+)*(?:summary|option|response|answer)?[\s:.,-]*([ab])\b(.*)$/is.exec(text) ?? [];
  const isAlone = /^\s*[.,;:!]*\s*$/.test(rest);
  const hasReason =
    letter === letter.toUpperCase() &&
    /^\s*(?:[.,;:!–—-]|over\b|because\b|since\b|as\b|is better\b)/i.test(rest);
  const namesBoth = /^\s*[.,/&|-]?\s*(?:or|and|vs\.?|versus)?\s*(?:summary\s+)?[ab]\s*[.!]*\s*$/i.test(rest);
  if (letter === "" || namesBoth || !(isAlone || hasReason)) return undefined;
  return letter.toUpperCase() === "A" ? "A" : "B";
}
