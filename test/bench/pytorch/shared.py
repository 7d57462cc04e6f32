"""The forward pass of a training step that computes each prompt once for all its completions, and in the last layer only
its keys and values, as Allroads does.

In shapes, B are prompts of P tokens, K completions of each, and C tokens of a completion. Tokens are rows of one matrix
in linear maps: first those of the prompts, [B · P], then those of the completions, [K · B · C].
"""

import torch
import torch.nn.functional as F
from neox import rotate


def completion_states(model, prompts, inputs):
    """The final hidden states [K · B, C, hidden] of `inputs` [K · B, C] after `prompts` [B, P]; P may be 0."""
    body, (count, length) = model.gpt_neox, prompts.shape
    x = body.embed_in(torch.cat((prompts.flatten(), inputs.flatten())))
    last = body.layers[-1]
    for layer in body.layers:
        rows = layer.attention.query_key_value(layer.input_layernorm(x))
        prompt, own = rows.split((count * length, inputs.numel()))
        prompt = heads(layer.attention, prompt, prompts.shape, model.cos[:length], model.sin[:length])
        places = slice(length, length + inputs.shape[1])
        own = heads(layer.attention, own, inputs.shape, model.cos[places], model.sin[places])
        mixed = attend(own, prompt)
        if layer is last:
            x = x[count * length :]
        elif length > 0:
            mixed = torch.cat((joined(F.scaled_dot_product_attention(*prompt, is_causal=True)), mixed))
        x = x + layer.attention.dense(mixed) + layer.mlp(layer.post_attention_layernorm(x))
    return body.final_layer_norm(x).view(*inputs.shape, -1)


def heads(attention, rows, shape, cos, sin):
    """Queries, keys and values, [B, heads, T, head] each, of `rows` [B · T, 3 · hidden]; `shape` is [B, T]."""
    size = rows.shape[1] // (3 * attention.heads)
    parts = rows.view(*shape, attention.heads, 3, size).permute(3, 0, 2, 1, 4)
    queries, keys = rotate(parts[:2], cos, sin).unbind(0)
    return queries, keys, parts[2]


def attend(own, prompt):
    """Attention of completions to their prompts and, causally, to themselves: [K · B · C, hidden]."""
    queries, keys, values = own
    count, length = prompt[0].shape[0], prompt[0].shape[2]
    if length == 0:
        return joined(F.scaled_dot_product_attention(queries, keys, values, is_causal=True))
    completions = queries.shape[0] // count
    keys = torch.cat((prompt[1].repeat(completions, 1, 1, 1), keys), 2)
    values = torch.cat((prompt[2].repeat(completions, 1, 1, 1), values), 2)
    seen = torch.ones(queries.shape[2], keys.shape[2], dtype=torch.bool, device=keys.device).tril(length)
    return joined(F.scaled_dot_product_attention(queries, keys, values, attn_mask=seen))


def joined(mixed):
    """[B, heads, T, head] as rows [B · T, hidden]."""
    return mixed.transpose(1, 2).flatten(2).flatten(0, 1)
