import { models, tensors } from "allroads";

/*
 * A reward head: how a reward model reads a completion off its final hidden states. From a notebook, with a laboratory
 * `lab`:
 *
 *   const reward = lab.rewardWith({ readout: userCode("notebooks/examples/reward-head.ts", "meanState") });
 *   const policy = lab.online(lab.sft, { scorer: reward });
 */

const { tf } = tensors;

/** The mean state of the completion's tokens, [B·K·C, hidden] → [B·K, hidden]. */
export const meanState: models.RewardReadout = (hidden, batch) => {
  const positions = models.completionPositions(batch);
  const [rows, length] = positions.shape;
  const states = tf.reshape(hidden, [rows, length, -1]);
  const sum = tf.sum(tf.mul(states, tf.expandDims(positions, 2)), 1);
  return tf.div(sum, tf.sum(positions, 1, true));
};
