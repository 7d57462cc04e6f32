"""GPT-NeoX in plain PyTorch, written for fast training and sampling: fused queries, keys and values,
`scaled_dot_product_attention`, and a key-value cache of fixed size. Parameters have Hugging Face's names."""

import torch
import torch.nn.functional as F
from torch import nn


def rotary_tables(config, length):
    """Cosines and sines of positions 0 … `length` - 1, [length, rotated]."""
    rotated = int(config["hidden_size"] // config["num_attention_heads"] * config["rotary_pct"])
    frequency = config["rotary_emb_base"] ** (-torch.arange(0, rotated, 2).float() / rotated)
    angles = torch.outer(torch.arange(length).float(), frequency).repeat(1, 2)
    return angles.cos(), angles.sin()


def rotate(x, cos, sin):
    """Applies rotary position embeddings to the first dimensions of `x` [..., T, head]; `cos`, `sin` [T, rotated]."""
    rotated = cos.shape[-1]
    turned, rest = x[..., :rotated], x[..., rotated:]
    first, second = turned.chunk(2, -1)
    turned = turned * cos + torch.cat((-second, first), -1) * sin
    return torch.cat((turned, rest), -1)


class Attention(nn.Module):
    def __init__(self, config):
        super().__init__()
        hidden = config["hidden_size"]
        self.heads = config["num_attention_heads"]
        self.query_key_value = nn.Linear(hidden, 3 * hidden)
        self.dense = nn.Linear(hidden, hidden)

    def forward(self, x, cos, sin, cache=None):
        rows, length, hidden = x.shape
        parts = self.query_key_value(x).view(rows, length, self.heads, 3, hidden // self.heads)
        queries_keys, values = parts.permute(3, 0, 2, 1, 4).split((2, 1))
        queries, keys = rotate(queries_keys, cos, sin).unbind(0)
        values = values.squeeze(0)
        mask = None
        if cache is not None:
            keys, values, mask = cache(keys, values)
        mixed = F.scaled_dot_product_attention(queries, keys, values, attn_mask=mask, is_causal=length > 1)
        return self.dense(mixed.transpose(1, 2).reshape(rows, length, hidden))


class Mlp(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.dense_h_to_4h = nn.Linear(config["hidden_size"], config["intermediate_size"])
        self.dense_4h_to_h = nn.Linear(config["intermediate_size"], config["hidden_size"])

    def forward(self, x):
        return self.dense_4h_to_h(F.gelu(self.dense_h_to_4h(x)))


class Layer(nn.Module):
    def __init__(self, config):
        super().__init__()
        norm = lambda: nn.LayerNorm(config["hidden_size"], eps=config["layer_norm_eps"])
        self.input_layernorm, self.post_attention_layernorm = norm(), norm()
        self.attention, self.mlp = Attention(config), Mlp(config)

    def forward(self, x, cos, sin, cache=None):
        attended = self.attention(self.input_layernorm(x), cos, sin, cache)
        return x + attended + self.mlp(self.post_attention_layernorm(x))


class NeoX(nn.Module):
    """The decoder. `forward` returns the final hidden states; `unembed` computes logits from them."""

    def __init__(self, config):
        super().__init__()
        self.gpt_neox = nn.Module()
        self.gpt_neox.embed_in = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.gpt_neox.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.gpt_neox.final_layer_norm = nn.LayerNorm(config["hidden_size"], eps=config["layer_norm_eps"])
        self.embed_out = nn.Linear(config["hidden_size"], config["vocab_size"], bias=False)
        cos, sin = rotary_tables(config, config["max_position_embeddings"])
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)

    def forward(self, tokens, positions=None, caches=None):
        """`tokens` [B, T] → [B, T, hidden]; `positions` [T], default 0 … T - 1."""
        length = tokens.shape[1]
        at = slice(length) if positions is None else positions
        cos, sin = self.cos[at], self.sin[at]
        x = self.gpt_neox.embed_in(tokens)
        for index, layer in enumerate(self.gpt_neox.layers):
            x = layer(x, cos, sin, caches and caches[index])
        return self.gpt_neox.final_layer_norm(x)

    def unembed(self, hidden):
        return self.embed_out(hidden)
