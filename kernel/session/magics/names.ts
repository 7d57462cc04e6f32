/** A command of the notebook, such as `%time`. */
export interface Magic {
  /** How it is written, with its arguments. */
  usage: string;
  help: string;
}

/** The magics that take the rest of their line. */
export const lineMagics: Record<string, Magic> = {
  cd: {
    usage: "%cd FOLDER",
    help: "Changes the working folder; without FOLDER, to the home folder. Imports still start from the notebook's folder.",
  },
  env: {
    usage: "%env [NAME[=VALUE]]",
    help: "Returns the environment, or one of its variables, or sets one for this kernel and its child processes.",
  },
  lsmagic: { usage: "%lsmagic", help: "Lists the magics." },
  pwd: { usage: "%pwd", help: "Returns the working folder." },
  time: { usage: "%time STATEMENT", help: "Runs a statement and prints the time that it takes." },
};

const shows = (usage: string, what: string): Magic => ({ usage, help: `Shows the cell's text as ${what}.` });
const runs = (name: string): Magic => ({
  usage: `%%${name}`,
  help: `Runs the cell's text in ${name}. The cell fails if its status is not 0.`,
});

/** The magics that take the rest of their cell, and must be in its first line. */
export const cellMagics: Record<string, Magic> = {
  bash: runs("bash"),
  html: shows("%%html", "HTML"),
  javascript: shows("%%javascript", "a script that the browser runs"),
  js: shows("%%js", "a script that the browser runs"),
  latex: shows("%%latex", "LaTeX"),
  markdown: shows("%%markdown", "Markdown"),
  sh: runs("sh"),
  svg: shows("%%svg", "an SVG image"),
  time: { usage: "%%time", help: "Runs the cell and prints the time that it takes." },
};

/** The MIME types of the magics that show their cell's text. */
export const shownTypes: Record<string, string> = {
  html: "text/html",
  javascript: "application/javascript",
  js: "application/javascript",
  latex: "text/latex",
  markdown: "text/markdown",
  svg: "image/svg+xml",
};

/** The help text of a magic, by its name with `%` or `%%`; undefined if there is none of the name. */
export function magicHelp(name: string): string | undefined {
  const plain = name.replace(/^%+/, "");
  const tables = name.startsWith("%%") ? [cellMagics] : [lineMagics, cellMagics];
  const found = tables.flatMap((magics) => (Object.hasOwn(magics, plain) ? (magics[plain] ?? []) : []));
  return found.length > 0 ? found.map(({ usage, help }) => `${usage}\n    ${help}`).join("\n") : undefined;
}

/** The text of `%lsmagic`. */
export const magicList = (): string =>
  [
    "!COMMAND\n    Runs a command in the shell and shows its output.",
    ...Object.values({ ...lineMagics }).map(({ usage, help }) => `${usage}\n    ${help}`),
    ...Object.values(cellMagics).map(({ usage, help }) => `${usage}\n    ${help}`),
    "NAME?, NAME??\n    Shows the type and documentation of a name, and with ?? its source.",
  ].join("\n");
