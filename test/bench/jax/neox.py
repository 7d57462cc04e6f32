"""GPT-NeoX in plain JAX. A prompt is computed once for all its completions, and in the last layer only its keys and
values are. Parameters are a dict of arrays with Hugging Face's names.

In shapes, B are prompts of P tokens, K completions of each, and C tokens of a completion. Tokens are rows of one matrix
in linear maps: first those of the prompts, [B · P], then those of the completions, [K · B · C].
"""

import jax
import jax.numpy as jnp
import numpy as np


class NeoX:
    def __init__(self, config):
        self.layers, self.heads = config["num_hidden_layers"], config["num_attention_heads"]
        self.head = config["hidden_size"] // self.heads
        self.epsilon = config["layer_norm_eps"]
        self.cos, self.sin = rotary_tables(config)

    def completions(self, params, prompts, inputs):
        """The final hidden states [K, B, C, hidden] of `inputs` [K, B, C] after `prompts` [B, P]; P may be 0."""
        length, answers = prompts.shape[1], inputs.shape
        x = embed(params, jnp.concatenate((prompts.ravel(), inputs.ravel())))
        for layer in range(self.layers):

            def attention(rows, last=layer == self.layers - 1):
                prompt, own = self.split(rows, prompts.shape, answers)
                prompt, own = self.rotated(prompt, 0), self.rotated(own, length)
                mixed = attend(own, prompt[1:], causal(answers[2])).reshape(-1, rows.shape[-1] // 3)
                if last:
                    return mixed
                return jnp.concatenate((attend_causally(prompt).reshape(-1, mixed.shape[1]), mixed))

            x = self.block(params, layer, x, attention)
        return self.final(params, x).reshape(*answers, -1)

    def prefill(self, params, prompts):
        """The final hidden state of each prompt's last token, [B, hidden], and the keys and values of all layers."""
        x, cache = embed(params, prompts.ravel()), []
        for layer in range(self.layers):

            def attention(rows):
                parts = self.rotated(self.parts(rows, prompts.shape), 0)
                cache.append(parts[1:])
                return attend_causally(parts).reshape(x.shape)

            x = self.block(params, layer, x, attention)
        return self.final(params, x.reshape(*prompts.shape, -1)[:, -1]), cache

    def advance(self, params, last, step, prompt_cache, cache):
        """The final hidden states [K, B, hidden] of the tokens `last` [K, B] at position P + `step`.

        `cache` has the keys and values of the completions' own tokens, [K, B, C, heads, head]. Returns the new one too.
        """
        x, new = embed(params, last.ravel()), []
        for layer, (prompt, own) in enumerate(zip(prompt_cache, cache)):

            def attention(rows):
                position = prompt[0].shape[1] + step
                query, *token = self.rotated(self.parts(rows, (*last.shape, 1)), position)
                new.append([jax.lax.dynamic_update_slice_in_dim(a, b, step, 2) for a, b in zip(own, token)])
                seen = jnp.arange(own[0].shape[2]) <= step
                return attend((query, *new[-1]), prompt, seen[None]).reshape(x.shape)

            x = self.block(params, layer, x, attention)
        return self.final(params, x).reshape(*last.shape, -1), new

    def block(self, params, layer, x, attention):
        """One layer. `attention` maps queries, keys and values [rows, 3 · hidden] to [rows, hidden], or to the last of
        these rows, which then are the only ones of the result."""
        name = f"gpt_neox.layers.{layer}"
        normed = self.norm(params, f"{name}.input_layernorm", x)
        mixed = attention(linear(params, f"{name}.attention.query_key_value", normed))
        x = x[len(x) - len(mixed) :]
        inner = self.norm(params, f"{name}.post_attention_layernorm", x)
        inner = jax.nn.gelu(linear(params, f"{name}.mlp.dense_h_to_4h", inner), approximate=False)
        attended = linear(params, f"{name}.attention.dense", mixed)
        return x + attended + linear(params, f"{name}.mlp.dense_4h_to_h", inner)

    def split(self, rows, prompts, answers):
        count = prompts[0] * prompts[1]
        return self.parts(rows[:count], prompts), self.parts(rows[count:], answers)

    def parts(self, rows, shape):
        """Queries, keys and values, [*shape, heads, head] each."""
        parts = rows.reshape(*shape, self.heads, 3, self.head)
        return parts[..., 0, :], parts[..., 1, :], parts[..., 2, :]

    def rotated(self, parts, start):
        """Queries, keys and values at positions from `start`, with rotary embeddings."""
        queries, keys, values = parts
        length = queries.shape[-3]
        cos, sin = (jax.lax.dynamic_slice_in_dim(t, start, length)[:, None] for t in (self.cos, self.sin))
        return rotate(queries, cos, sin), rotate(keys, cos, sin), values

    def norm(self, params, name, x):
        centred = x - x.mean(-1, keepdims=True)
        scale = jax.lax.rsqrt(jnp.square(centred).mean(-1, keepdims=True) + self.epsilon)
        return centred * scale * params[f"{name}.weight"] + params[f"{name}.bias"]

    def final(self, params, x):
        return self.norm(params, "gpt_neox.final_layer_norm", x)


def embed(params, tokens):
    return params["gpt_neox.embed_in.weight"][tokens]


def unembed(params, hidden):
    return hidden @ params["embed_out.weight"].T


def linear(params, name, x):
    return x @ params[f"{name}.weight"].T + params[f"{name}.bias"]


def rotary_tables(config):
    """Cosines and sines of all positions, [positions, rotated]."""
    rotated = int(config["hidden_size"] // config["num_attention_heads"] * config["rotary_pct"])
    frequency = config["rotary_emb_base"] ** (-np.arange(0, rotated, 2, dtype=np.float32) / rotated)
    angles = np.tile(np.outer(np.arange(config["max_position_embeddings"], dtype=np.float32), frequency), 2)
    return jnp.asarray(np.cos(angles)), jnp.asarray(np.sin(angles))


def rotate(x, cos, sin):
    """Applies rotary position embeddings to the first dimensions of `x` [..., T, heads, head]."""
    rotated = cos.shape[-1]
    turned, rest = x[..., :rotated], x[..., rotated:]
    first, second = jnp.split(turned, 2, -1)
    turned = turned * cos + jnp.concatenate((-second, first), -1) * sin
    return jnp.concatenate((turned, rest), -1)


def causal(length):
    return np.tri(length, dtype=bool)


def attend_causally(parts):
    """Attention within each of [B, T, heads, head]."""
    queries, keys, values = parts
    scores = jnp.einsum("bqhd,bthd->bhqt", queries, keys) / np.sqrt(queries.shape[-1])
    weights = jax.nn.softmax(jnp.where(causal(queries.shape[1]), scores, -jnp.inf), -1)
    return jnp.einsum("bhqt,bthd->bqhd", weights, values)


def attend(own, prompt, mask):
    """Attention of completions: of queries [K, B, C, heads, head] to the keys and values [B, P, heads, head] of their
    prompts, and to their own, [K, B, T, heads, head], where `mask` [C, T] is true."""
    queries, keys, values = own
    prompt_keys, prompt_values = prompt
    on_prompt = jnp.einsum("kbqhd,bphd->bhkqp", queries, prompt_keys)
    on_itself = jnp.where(mask, jnp.einsum("kbqhd,kbthd->bhkqt", queries, keys), -jnp.inf)
    scores = jnp.concatenate((on_prompt, on_itself), -1) / np.sqrt(queries.shape[-1])
    weights = jax.nn.softmax(scores, -1)
    length = prompt_keys.shape[1]
    mixed = jnp.einsum("bhkqp,bphd->kbqhd", weights[..., :length], prompt_values)
    return mixed + jnp.einsum("bhkqt,kbthd->kbqhd", weights[..., length:], values)
