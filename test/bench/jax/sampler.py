"""Sampling in plain JAX: one compiled function, a `scan` over the tokens with a key-value cache."""

import jax
import jax.numpy as jnp
from neox import unembed


def sampler(model, completions, tokens, greedy):
    """A function that completes `prompts` [B, P] K times each by C tokens, at temperature 1 or greedily: [B · K, C]."""

    def pick(key, logits):
        return logits.argmax(-1) if greedy else draw(key, logits)

    @jax.jit
    def sample(params, prompts, key):
        keys = jax.random.split(key, tokens)
        hidden, prompt_cache = model.prefill(params, prompts)
        logits = unembed(params, hidden)
        first = pick(keys[0], jnp.broadcast_to(logits, (completions, *logits.shape)))
        shape = (completions, len(prompts), tokens - 1, model.heads, model.head)
        cache = [(jnp.zeros(shape), jnp.zeros(shape)) for _ in prompt_cache]

        def advance(carry, now):
            last, cache = carry
            step, key = now
            hidden, cache = model.advance(params, last, step, prompt_cache, cache)
            chosen = pick(key, unembed(params, hidden))
            return (chosen, [tuple(each) for each in cache]), chosen

        _, later = jax.lax.scan(advance, (first, cache), (jnp.arange(tokens - 1), keys[1:]))
        return jnp.concatenate((first[None], later)).transpose(2, 1, 0).reshape(-1, tokens)

    return sample


def draw(key, logits):
    """Samples one token per row by the inverse of the cumulative distribution. `jax.random.categorical` draws a number for
    each token of the vocabulary, which takes several times as long on a CPU."""
    cumulative = jnp.exp(logits - logits.max(-1, keepdims=True)).cumsum(-1)
    total = cumulative[..., -1:]
    return (cumulative < jax.random.uniform(key, total.shape) * total).sum(-1)
