import { existsSync } from "node:fs";
import path from "node:path";
import { writeAtomically } from "../setup/files.mjs";

/** What JupyterLab calls the file of the workspace that opens without a name in the address. */
const DEFAULT_WORKSPACE = "default-37a8.jupyterlab-workspace";

/** The part of JupyterLab's state that opens a Markdown file beside the file browser, which shows the root folder. */
const stateWith = (page) => {
  const widget = `markdownviewer-widget:${page}`;
  return {
    data: {
      "layout-restorer:data": {
        main: { dock: { type: "tab-area", currentIndex: 0, widgets: [widget] }, current: widget },
        left: { collapsed: false, visible: true, current: "filebrowser", widgets: ["filebrowser"] },
        right: { collapsed: true, visible: true, widgets: [] },
        relativeSizes: [0.2, 0.8, 0],
      },
      "file-browser-filebrowser:cwd": { path: "" },
      [widget]: { data: { path: page, factory: "Markdown Preview" } },
    },
    metadata: { id: "default" },
  };
};

/**
 * Makes JupyterLab open a Markdown file at its first start, and what the user left open at later ones.
 *
 * @param {string} folder where JupyterLab keeps workspaces
 * @param {string} page the file's path below JupyterLab's root folder
 */
export function prepareWorkspace(folder, page) {
  const file = path.join(folder, DEFAULT_WORKSPACE);
  if (!existsSync(file)) writeAtomically(file, JSON.stringify(stateWith(page)));
}
