import { visibleLine } from "./visible.mjs";

const CLEAR = "\r\u001b[K";

/**
 * A line at the bottom of a terminal that is redrawn in place. Does nothing if the stream is not a terminal.
 *
 * @param {NodeJS.WriteStream} stream
 */
export function statusLine(stream) {
  let shown = false;
  return {
    /** Shows `text` in place of the previous one, cut to the width of the terminal. @param {string} text */
    show(text) {
      if (!stream.isTTY) return;
      const width = (stream.columns ?? 80) - 1;
      const line = visibleLine(text);
      stream.write(`${CLEAR}${line.length > width ? `${line.slice(0, width - 1)}…` : line}`);
      shown = true;
    },
    clear() {
      if (shown) stream.write(CLEAR);
      shown = false;
    },
  };
}
