/** The library for notebooks: rich output, displays that update in place, progress bars. */
export { type Displayable, html, markdown, svg, toBundle } from "./bundle.ts";
export { escapeHtml, escapeMarkdown } from "./escape.ts";
export { inJupyter, type MimeBundle } from "./jupyter.ts";
export {
  ask,
  type Comm,
  type CommMessage,
  type Comms,
  type CommTarget,
  checkTypes,
  clearOutput,
  comms,
} from "./kernel-api.ts";
export { type Live, type LiveOptions, live } from "./live.ts";
export { type Progress, progress } from "./progress.ts";
export { show } from "./show.ts";
export type { TableLike, TableOptions } from "./table.ts";
