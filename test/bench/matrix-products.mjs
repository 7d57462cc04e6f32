import { interleave } from "./interleave.mjs";
import { requestOrFail } from "./json-worker.mjs";
import { roundLabel } from "./progress.mjs";
import { stepSeconds } from "./statistics.mjs";

/**
 * Measures how fast TensorFlow and PyTorch multiply float32 matrices, [m, k] by [k, n], in turn. The result is the rate
 * of the best block, since the question is what the machine can do.
 *
 * @param {[number, number, number][]} shapes [m, k, n]
 * @param {Record<string, import("./json-worker.mjs").JsonWorker>} workers by framework
 * @param {import("./measure-case.mjs").Settings} settings
 * @param {(text: string) => void} progress
 */
export async function measureMatrixProducts(shapes, workers, settings, progress) {
  const measured = [];
  for (const shape of shapes) {
    const task = { work: "matmul", shape };
    const runs = Object.fromEntries(
      Object.entries(workers).map(([name, worker]) => [
        name,
        (steps) => requestOrFail(worker, { do: "run", task, steps }),
      ]),
    );
    const onBlock = (_, round) =>
      progress(`matrix product ${shape.join(" × ")}: ${roundLabel(round, settings.rounds)}`);
    const blocks = await interleave(runs, { ...settings, onBlock });
    for (const worker of Object.values(workers)) await requestOrFail(worker, { do: "forget" });
    const [m, k, n] = shape;
    const flopsPerSecond = Object.fromEntries(
      Object.entries(blocks).map(([name, own]) => [name, (2 * m * k * n) / Math.min(...stepSeconds(own))]),
    );
    measured.push({ shape, flopsPerSecond, blocks });
  }
  return measured;
}

/**
 * The lower bound for the time of a training step: the time of its matrix products alone, at the rate of the faster library on a
 * large square product (`seconds`) and on the step's own largest product (`secondsAtLargest`).
 *
 * @param {{ flops?: number, largest?: readonly number[] }} facts of the step
 * @param {{ shape: readonly number[], flopsPerSecond: Record<string, number> }[]} products
 * @param {readonly number[]} square the shape of the large square product
 */
export function floorTime({ flops = 0, largest = [] }, products, square) {
  const rate = (shape) => {
    const product = products.find((each) => each.shape.join() === shape.join());
    return Math.max(...Object.values(product?.flopsPerSecond ?? {}));
  };
  return { seconds: flops / rate(square), secondsAtLargest: flops / rate(largest) };
}
