/* Environments behind the Task interface: KeyEnv, the ring and TL;DR, and tasks that a user brings. */
export { type KeyEnvPrompt, keyEnv, referenceOf } from "./key-env/task.ts";
export { openTask, type TaskSpec } from "./open-task.ts";
export { type RingOptions, ring } from "./ring.ts";
export {
  type DataSizes,
  goldScorer,
  type PreferencePair,
  type Prompt,
  type Sample,
  type Scorer,
  type Task,
  type TaskData,
  type Vocabulary,
} from "./task.ts";
export { type TldrFile, type TldrRows, tldrRows } from "./tldr/files.ts";
export { findTldrFiles, locateTldrFiles, tldrFolders } from "./tldr/locate.ts";
export { type TldrPrompt, tldrTask } from "./tldr/task.ts";
