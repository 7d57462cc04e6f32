/** What a kernel can be asked for, by the names that python/features.py knows it by. */
export const FEATURES = {
  types: "a cell with an error of type does not run",
  rich: "a value that describes itself is shown as HTML",
  expressions: "`user_expressions`",
  input: "a cell can ask its user",
  queue: "an error ends the cells queued behind it, if `stop_on_error` says so",
  completion: "completion while a cell computes",
  heartbeat: "heartbeat while a cell computes",
  interrupt: "an interrupt ends an endless loop, and variables stay",
  debugger: "debugger",
  ends: "ends within a second of `shutdown_request`",
  history: "history is kept over restarts",
};
