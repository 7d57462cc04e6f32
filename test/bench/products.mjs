import { interleave } from "./interleave.mjs";
import { must } from "./measure-case.mjs";
import { turn } from "./progress.mjs";
import { stepSeconds } from "./statistics.mjs";

/**
 * How fast TensorFlow and PyTorch multiply float32 matrices here, products [m, k] [k, n] in turn: each one's best
 * block, since what a machine can do is no average.
 *
 * @param {[number, number, number][]} shapes [m, k, n]
 * @param {import("./measure-case.mjs").Processes} processes
 * @param {import("./measure-case.mjs").Settings} settings
 * @param {(text: string) => void} progress
 */
export async function measureProducts(shapes, processes, settings, progress) {
  const measured = [];
  for (const shape of shapes) {
    const task = { work: "matmul", shape };
    const runs = Object.fromEntries(
      Object.entries(processes).map(([name, process]) => [
        name,
        (steps) => must(process, { do: "run", task, steps }),
      ]),
    );
    const onBlock = (_, round) =>
      progress(`product of ${shape.join(" × ")}: ${turn(round, settings.rounds)}`);
    const blocks = await interleave(runs, { ...settings, onBlock });
    for (const one of Object.values(processes)) await must(one, { do: "forget" });
    const [m, k, n] = shape;
    const flopsPerSecond = Object.fromEntries(
      Object.entries(blocks).map(([name, own]) => [name, (2 * m * k * n) / Math.min(...stepSeconds(own))]),
    );
    measured.push({ shape, flopsPerSecond, blocks });
  }
  return measured;
}

/**
 * The least time in which a training step could be done, were it nothing but its matrix products: at the rate that
 * the faster of both libraries reaches on a large square, and on the step's own largest product.
 *
 * @param {{ flops?: number, largest?: readonly number[] }} facts of the step
 * @param {{ shape: readonly number[], flopsPerSecond: Record<string, number> }[]} products
 * @param {readonly number[]} square
 */
export function floorOf({ flops = 0, largest = [] }, products, square) {
  const rate = (shape) => {
    const product = products.find((one) => one.shape.join() === shape.join());
    return Math.max(...Object.values(product?.flopsPerSecond ?? {}));
  };
  return { seconds: flops / rate(square), secondsAtLargest: flops / rate(largest) };
}
