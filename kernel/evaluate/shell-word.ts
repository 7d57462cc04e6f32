/** A text as one word of a POSIX shell, or as a part of one in double quotes. */
function posixWord(text: string, inQuotes: boolean): string {
  if (inQuotes) return text.replace(/[\\"$`]/g, "\\$&");
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** A text as one word of Windows' cmd.exe, which replaces variables (`%NAME%`) also in quotes. */
function windowsWord(text: string, inQuotes: boolean): string {
  if (/["%\r\n]/.test(text))
    throw new TypeError(
      `${JSON.stringify(text)} cannot be passed to cmd.exe: it has a quote, % or line break.`,
    );
  return inQuotes || /^[\w./\\:=@+-]+$/.test(text) ? text : `"${text}"`;
}

/**
 * The value of an expression in a shell command: one word whatever characters it has, and several for a list.
 *
 * @throws TypeError if it is neither a text, a number nor a boolean, nor a list of these
 */
export function shellWord(
  value: unknown,
  expression: string,
  inQuotes: boolean,
  platform: NodeJS.Platform = process.platform,
): string {
  const word = platform === "win32" ? windowsWord : posixWord;
  const values: unknown[] = Array.isArray(value) ? value : [value];
  const words = values.map((each) => {
    if (!/^(string|number|bigint|boolean)$/.test(typeof each)) {
      const found = each === null ? "null" : each === undefined ? "undefined" : `of type ${typeof each}`;
      throw new TypeError(
        `!command: {${expression}} is ${found}, but a string, number or boolean is expected, or a list of these. Write \\{ for a brace of the shell.`,
      );
    }
    return word(String(each), inQuotes);
  });
  return words.join(" ");
}
