/** Replaces a suffix if the stem before it satisfies `when`. */
interface Rule {
  readonly suffix: string;
  readonly replacement: string;
  readonly when: (stem: string) => boolean;
}

const IRREGULAR = new Map([
  ["skies", "sky"],
  ["sky", "sky"],
  ["dying", "die"],
  ["lying", "lie"],
  ["tying", "tie"],
  ["news", "news"],
  ["innings", "inning"],
  ["inning", "inning"],
  ["outings", "outing"],
  ["outing", "outing"],
  ["cannings", "canning"],
  ["canning", "canning"],
  ["howe", "howe"],
  ["proceed", "proceed"],
  ["exceed", "exceed"],
  ["succeed", "succeed"],
]);

/**
 * The stem of a lower-case word by Porter's algorithm ("An algorithm for suffix stripping", 1980) with the extensions of
 * nltk's default mode, which `rouge-score` uses. Other implementations differ in words such as "flies", "enjoy" and
 * "biologically".
 */
export function porterStem(word: string): string {
  const irregular = IRREGULAR.get(word);
  if (irregular !== undefined) return irregular;
  if (word.length <= 2) return word;
  const uninflected = yToI(pastAndParticiple(plural(word)));
  const derived = applyRules(applyRules(doubleSuffixes(uninflected), STEP_3), STEP_4);
  return doubleL(finalE(derived));
}

/** Step 1a. */
function plural(word: string): string {
  if (word.endsWith("ies")) return cut(word, word.length === 4 ? 1 : 2);
  if (word.endsWith("sses")) return cut(word, 2);
  return word.endsWith("s") && !word.endsWith("ss") ? cut(word, 1) : word;
}

/** Step 1b. */
function pastAndParticiple(word: string): string {
  if (word.endsWith("ied")) return cut(word, word.length === 4 ? 1 : 2);
  if (word.endsWith("eed")) return measure(cut(word, 3)) > 0 ? cut(word, 1) : word;
  const suffix = ["ed", "ing"].find(
    (ending) => word.endsWith(ending) && hasVowel(word.slice(0, -ending.length)),
  );
  if (suffix === undefined) return word;
  const stem = cut(word, suffix.length);
  if (/(at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (endsInDoubleConsonant(stem)) return /[lsz]$/.test(stem) ? stem : cut(stem, 1);
  return measure(stem) === 1 && endsInShortSyllable(stem) ? `${stem}e` : stem;
}

/** Step 1c: a final y becomes i after a consonant that is not the first letter. */
function yToI(word: string): string {
  const stem = cut(word, 1);
  return word.endsWith("y") && stem.length > 1 && consonants(stem).at(-1) ? `${stem}i` : word;
}

/** Step 2. "-alli" is tried first; its result goes through step 2 again. */
function doubleSuffixes(word: string): string {
  const repeats = word.endsWith("alli") && measure(cut(word, 4)) > 0;
  return repeats ? doubleSuffixes(cut(word, 2)) : applyRules(word, STEP_2);
}

/** Step 5a. */
function finalE(word: string): string {
  if (!word.endsWith("e")) return word;
  const stem = cut(word, 1);
  return measure(stem) > 1 || (measure(stem) === 1 && !endsInShortSyllable(stem)) ? stem : word;
}

/** Step 5b. */
function doubleL(word: string): string {
  return word.endsWith("ll") && measure(cut(word, 1)) > 1 ? cut(word, 1) : word;
}

const STEP_2 = [
  ...rules(
    0,
    "ational-ate tional-tion enci-ence anci-ance izer-ize bli-ble alli-al entli-ent eli-e ousli-ous " +
      "ization-ize ation-ate ator-ate alism-al iveness-ive fulness-ful ousness-ous aliti-al iviti-ive " +
      "biliti-ble fulli-ful",
  ),
  { suffix: "logi", replacement: "log", when: (stem: string) => measure(`${stem}l`) > 0 },
];

const STEP_3 = rules(0, "icate-ic ative- alize-al iciti-ic ical-ic ful- ness-");

const STEP_4 = [
  ...rules(1, "al- ance- ence- er- ic- able- ible- ant- ement- ment- ent-"),
  { suffix: "ion", replacement: "", when: (stem: string) => measure(stem) > 1 && /[st]$/.test(stem) },
  ...rules(1, "ou- ism- ate- iti- ous- ive- ize-"),
];

/** Parses rules written as suffix-replacement, for stems of a measure above `above`. */
function rules(above: number, list: string): Rule[] {
  return list.split(" ").map((rule) => {
    const [suffix, replacement] = rule.split("-");
    if (suffix === undefined || replacement === undefined) throw new Error(`${rule} is not a suffix rule.`);
    return { suffix, replacement, when: (stem) => measure(stem) > above };
  });
}

/** Applies the first rule whose suffix matches, if its condition holds. Later rules are not tried. */
function applyRules(word: string, table: readonly Rule[]): string {
  const rule = table.find(({ suffix }) => word.endsWith(suffix));
  if (rule === undefined) return word;
  const stem = cut(word, rule.suffix.length);
  return rule.when(stem) ? stem + rule.replacement : word;
}

function cut(word: string, letters: number): string {
  return word.slice(0, word.length - letters);
}

/** For each letter, whether it is a consonant: not a, e, i, o or u, and not a y after a consonant. */
function consonants(word: string): boolean[] {
  const flags: boolean[] = [];
  for (const letter of word) flags.push(letter === "y" ? !flags.at(-1) : !"aeiou".includes(letter));
  return flags;
}

/** Porter's m: the number of times that a consonant follows a vowel. */
function measure(word: string): number {
  return consonants(word).filter((consonant, i, flags) => consonant && flags[i - 1] === false).length;
}

function hasVowel(word: string): boolean {
  return consonants(word).includes(false);
}

function endsInDoubleConsonant(word: string): boolean {
  return word.at(-1) === word.at(-2) && consonants(word).at(-1) === true;
}

/** Porter's *o: ends in consonant, vowel, consonant other than w, x or y; or consists of a vowel and a consonant. */
function endsInShortSyllable(word: string): boolean {
  const [first, second, third] = consonants(word).slice(-3);
  if (word.length === 2) return first === false && second === true;
  return first === true && second === false && third === true && !/[wxy]$/.test(word);
}
