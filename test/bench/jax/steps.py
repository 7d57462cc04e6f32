"""Training steps in plain JAX: forward, backward, gradient clipping and AdamW in one compiled function that updates
parameters and optimizer state in place."""

import jax
import jax.numpy as jnp
from neox import unembed


def completion_logps(model, params, batch):
    """log π of each completion token, [K, B, C]."""
    logits = unembed(params, model.completions(params, batch["prompts"], batch["inputs"]))
    chosen = jnp.take_along_axis(logits, batch["targets"][..., None], -1)[..., 0]
    return chosen - jax.nn.logsumexp(logits, -1)


def sft_loss(model, params, batch):
    """The mean cross-entropy of the completion tokens where `mask` is 1."""
    mask = batch["mask"]
    return -(completion_logps(model, params, batch) * mask).sum() / mask.sum()


def dpo_loss(beta):
    def loss(model, params, batch):
        logps = (completion_logps(model, params, batch) * batch["mask"]).sum(-1)
        chosen, rejected = logps - batch["reference"]
        return -jax.nn.log_sigmoid(beta * (chosen - rejected)).mean()

    return loss


def clipped(gradients, most):
    """Gradients scaled down to a global norm of at most `most`, as `clip_grad_norm_` of PyTorch does."""
    norm = jnp.sqrt(sum(jnp.square(each).sum() for each in jax.tree.leaves(gradients)))
    scale = jnp.minimum(1, most / (norm + 1e-6))
    return jax.tree.map(lambda each: scale * each, gradients)


def adamw(optimizer):
    """A step of AdamW. Its state is the number of steps done and the two moments of each parameter."""
    rate, eps = optimizer["learningRate"], optimizer["eps"]
    decay = 1 - rate * optimizer["weightDecay"]
    first, second = optimizer["betas"]

    def update(params, gradients, state):
        done, means, squares = state
        done = done + 1
        means = jax.tree.map(lambda m, g: first * m + (1 - first) * g, means, gradients)
        squares = jax.tree.map(lambda v, g: second * v + (1 - second) * jnp.square(g), squares, gradients)
        size = rate / (1 - first**done)
        correction = jnp.sqrt(1 - second**done)
        change = lambda p, m, v: decay * p - size * m / (jnp.sqrt(v) / correction + eps)
        return jax.tree.map(change, params, means, squares), (done, means, squares)

    return update


class Training:
    """Trains on the batches in turn. Every step reads its loss."""

    def __init__(self, work, load):
        self.batches, self.done = load.batches(work), 0
        self.params = load.params()
        zeros = lambda: jax.tree.map(jnp.zeros_like, self.params)
        self.state = (jnp.float32(0), zeros(), zeros())
        loss = sft_loss if work == "sft" else dpo_loss(load.beta)
        update, most = adamw(load.optimizer), load.optimizer["maxGradNorm"]

        def step(params, state, batch):
            value, gradients = jax.value_and_grad(lambda params: loss(load.model, params, batch))(params)
            return value, *update(params, clipped(gradients, most), state)

        self.step = jax.jit(step, donate_argnums=(0, 1))

    def run(self, steps):
        """Runs `steps` more steps. Returns their losses."""
        losses = []
        for _ in range(steps):
            batch = self.batches[self.done % len(self.batches)]
            loss, self.params, self.state = self.step(self.params, self.state, batch)
            losses.append(float(loss))
            self.done += 1
        return losses
