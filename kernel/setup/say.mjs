const out = process.stdout;
let statusShown = false;

/** Prints one finished line. */
export function say(line) {
  clearStatus();
  out.write(`${line}\n`);
}

/** Shows what is going on, in one line that the next call replaces; nothing where output is not a terminal. */
export function status(text) {
  if (!out.isTTY) return;
  const width = (out.columns ?? 80) - 1;
  out.write(`\r\u001b[K${text.length > width ? `${text.slice(0, width - 1)}…` : text}`);
  statusShown = true;
}

/** Takes the status line away. */
export function clearStatus() {
  if (statusShown) out.write("\r\u001b[K");
  statusShown = false;
}

/** A duration in milliseconds as people say it: "340 ms", "12 s", "3 min 05 s". */
export function duration(ms) {
  if (ms < 950) return `${Math.round(ms)} ms`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const rest = String(seconds % 60).padStart(2, "0");
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${rest} s`;
  return `${Math.floor(seconds / 3600)} h ${String(Math.floor((seconds % 3600) / 60)).padStart(2, "0")} min`;
}
