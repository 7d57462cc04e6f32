import path from "node:path";
import { workerData } from "node:worker_threads";
import type { LanguageServer } from "../session/language-server.ts";
import { openPlaceholderFiles } from "../session/placeholder-files.ts";
import { kernelCache } from "../session/private-folder.ts";
import { openProgram } from "../session/program.ts";
import { projectOf } from "../session/project.ts";
import { initialStrictness } from "../session/strictness.ts";
import { startChecker } from "../session/typescript.ts";
import { log } from "../shared/log.ts";
import type { SharedState } from "../shared/thread-messages.ts";

export const shared = workerData as SharedState;

/** Starts a server now, and returns a function that returns it at the first call and starts new ones later. */
function prestart(start: () => LanguageServer): () => LanguageServer {
  let prestarted: LanguageServer | undefined;
  try {
    prestarted = start();
  } catch {
    // The first call reports the error.
  }
  return () => {
    const server = prestarted ?? start();
    prestarted = undefined;
    return server;
  };
}

// The type checker takes longest to start: it is started before the rest of this thread's code is evaluated.
const { folder } = shared;
const setting = process.env.ALLROADS_KERNEL_CHECK;
const start = () => startChecker(folder);
const startServer = setting === "off" ? start : prestart(start);
export const project = projectOf(path.join(folder, "cell.ts"));
/** The strictness of the first cells. */
export const strictness = initialStrictness(project, setting);
export const program = openProgram(startServer, folder, project, openPlaceholderFiles(log), kernelCache());
if (strictness !== "off") program.start();
