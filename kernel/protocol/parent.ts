/** What the end of the kernel's parent process depends on. */
export interface ParentSystem {
  platform: NodeJS.Platform;
  /** The present parent of this process. */
  parent(): number;
  isAlive(pid: number): boolean;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // The process of another user.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

const thisSystem: ParentSystem = { platform: process.platform, parent: () => process.ppid, isAlive };

/**
 * Returns a function that tells whether Jupyter, which started this process, has ended. Jupyter sets JPY_PARENT_PID: a
 * kernel that was started otherwise, as by `nohup`, outlives its parent, and the result is undefined. The variable's
 * value is not used: it is a process id, but in Windows a handle.
 */
export function parentWatch(
  env: NodeJS.ProcessEnv = process.env,
  { platform, parent, isAlive }: ParentSystem = thisSystem,
): (() => boolean) | undefined {
  if (!env.JPY_PARENT_PID) return undefined;
  const started = parent();
  // In Windows a process keeps the id of its parent after that has ended.
  return platform === "win32" ? () => !isAlive(started) : () => parent() !== started;
}
