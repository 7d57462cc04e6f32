/** Features that a kernel can have, by their names in python/features.py. */
export const FEATURES = {
  types: "a cell with a type error does not run",
  rich: "a value with a display method is shown as HTML",
  expressions: "`user_expressions`",
  input: "a cell can ask the user for input",
  queue: "an error aborts the queued cells, if `stop_on_error` is true",
  completion: "completion while a cell runs",
  heartbeat: "heartbeat while a cell runs",
  interrupt: "an interrupt ends an endless loop, and variables are kept",
  debugger: "debugger",
  ends: "ends within a second of `shutdown_request`",
  history: "history is kept across restarts",
};
