/*
 * node --require kill-at-call.cjs: kills the process before call number KILL_AT_CALL of a function that changes files, its
 * workers' processes also, each by its own count.
 */
const fs = require("node:fs");

let calls = 0;
for (const name of ["mkdirSync", "openSync", "writeSync", "fsyncSync", "renameSync", "rmSync", "rmdirSync"]) {
  const original = fs[name];
  fs[name] = (...args) => {
    calls += 1;
    if (calls === Number(process.env.KILL_AT_CALL)) process.kill(process.pid, "SIGKILL");
    return original(...args);
  };
}
