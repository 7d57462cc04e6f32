/* TensorFlow: operations, functions compiled to one graph, and named random streams. */
export { type Device, device, tf } from "./backend.ts";
export { type Compiled, type CompileOptions, compile, fused, whileLoop } from "./compile.ts";
export {
  categorical,
  integer,
  normal,
  permutation,
  type RandomStream,
  randomStream,
  uniform,
} from "./random.ts";
