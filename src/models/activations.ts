import { tf } from "../tensors/backend.ts";
import { gelu } from "./layers.ts";

/** x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2, the approximation of GELU by tanh. */
function tanhGelu(x: tf.Tensor2D): tf.Tensor2D {
  const cubic = tf.mul(tf.add(tf.mul(tf.square(x), 0.044715), 1), tf.mul(x, Math.sqrt(2 / Math.PI)));
  return tf.mul(tf.mul(x, 0.5), tf.add(tf.tanh(cubic), 1));
}

const silu = (x: tf.Tensor2D): tf.Tensor2D => tf.mul(x, tf.sigmoid(x));

/** The nonlinearities that an MLP can have, under transformers' names; those that compute the same share a function. */
export const activations = {
  gelu,
  gelu_python: gelu,
  gelu_new: tanhGelu,
  gelu_fast: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  gelu_python_tanh: tanhGelu,
  gelu_accurate: tanhGelu,
  quick_gelu: (x: tf.Tensor2D): tf.Tensor2D => tf.mul(x, tf.sigmoid(tf.mul(x, 1.702))),
  relu: (x: tf.Tensor2D): tf.Tensor2D => tf.relu(x),
  relu2: (x: tf.Tensor2D): tf.Tensor2D => tf.square(tf.relu(x)),
  silu,
  swish: silu,
  tanh: (x: tf.Tensor2D): tf.Tensor2D => tf.tanh(x),
} as const;

/** The name of an MLP's nonlinearity. */
export type Activation = keyof typeof activations;
