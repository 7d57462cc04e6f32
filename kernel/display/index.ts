/** The library for notebooks: rich output, displays that update in place, progress bars. */
export { toBundle } from "./bundle.ts";
export { escapeHtml, escapeMarkdown } from "./escape.ts";
export { type Displayable, html, image, latex, markdown, markdown as md, svg } from "./helpers.ts";
export type { ImageOptions } from "./images.ts";
export { inJupyter } from "./jupyter.ts";
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
export type { MimeBundle } from "./mime-bundle.ts";
export { type Progress, progress } from "./progress.ts";
export { show } from "./show.ts";
export type { TableLike, TableOptions } from "./table.ts";
