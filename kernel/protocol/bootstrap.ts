import { workerData } from "node:worker_threads";
import { projectOf } from "../session/project.ts";
import type { LanguageServer } from "../session/language-server.ts";
import { openProgram } from "../session/program.ts";
import { openShelf } from "../session/placeholder-files.ts";
import { startChecker } from "../session/typescript.ts";
import type { Shared } from "./thread-messages.ts";

/** What this thread shares with the one that cells are evaluated on. */
export const shared = workerData as Shared;

/** Whether cells are checked from the start. */
export const checked = process.env.ALLROADS_KERNEL_CHECK !== "off";

/** Starts one now, for whoever is the first to ask for one. */
function ahead(start: () => LanguageServer): () => LanguageServer {
  let first: LanguageServer | undefined;
  try {
    first = start();
  } catch {
    // Whoever asks will hear why.
  }
  return () => {
    const server = first ?? start();
    first = undefined;
    return server;
  };
}

// Of all that a kernel needs its checker takes longest to start: it does so before the rest of this thread is read.
const { folder } = shared;
const start = () => startChecker(folder);
const checker = checked ? ahead(start) : start;
export const project = projectOf(folder);
export const program = openProgram(checker, folder, project, openShelf());
if (checked) program.start();
