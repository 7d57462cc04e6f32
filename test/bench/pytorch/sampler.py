"""Sampling with a key-value cache of fixed size. The prefill of a prompt is shared by all its completions."""

import torch


class Sampler:
    """Completes `prompts` [B, P] K times each by C tokens, at temperature 1 or greedily: tokens [B · K, C].

    If `compiled`, positions are tensors and attention uses the whole cache with a mask, so that one compiled graph
    serves all positions.
    """

    def __init__(self, model, completions: int, tokens: int, compiled: bool):
        self.model, self.completions, self.tokens, self.compiled = model, completions, tokens, compiled
        self.advance = torch.compile(self.step, dynamic=False) if compiled else self.step

    @torch.inference_mode()
    def __call__(self, prompts, greedy=False):
        pick = most_likely if greedy else draw
        length, total = prompts.shape[1], prompts.shape[1] + self.tokens
        repeat = lambda rows: rows.repeat_interleave(self.completions, 0)
        prompt_caches = [PromptCache() for _ in self.model.gpt_neox.layers]
        hidden = self.model(prompts, caches=prompt_caches)
        last = pick(repeat(self.model.unembed(hidden[:, -1])))
        caches = [(pad_cache(repeat(each.keys), total), pad_cache(repeat(each.values), total)) for each in prompt_caches]
        sampled = [last]
        places = torch.arange(total, device=prompts.device)
        for position in range(length, total - 1):
            at = places[position : position + 1]
            seen = (places <= at)[None, None, None] if self.compiled else position + 1
            last = pick(self.advance(last, at, seen, caches))
            sampled.append(last)
        return torch.cat(sampled, 1)

    def step(self, last, at, seen, caches):
        """Logits [N, V] for the token after `last` [N, 1] at position `at` [1].

        `seen` limits attention to the positions up to `at`: their number, or a mask over the whole cache.
        """
        layers = [StepCache(keys, values, at, seen) for keys, values in caches]
        return self.model.unembed(self.model(last, at, layers)[:, -1])


class PromptCache:
    """Stores the keys and values of one layer during prefill."""

    def __call__(self, keys, values):
        self.keys, self.values = keys, values
        return keys, values, None


class StepCache:
    """The keys and values of one layer, [N, heads, P + C, head] each, during a decoding step."""

    def __init__(self, keys, values, at, seen):
        self.keys, self.values, self.at, self.seen = keys, values, at, seen

    def __call__(self, key, value):
        self.keys.index_copy_(2, self.at, key)
        self.values.index_copy_(2, self.at, value)
        if isinstance(self.seen, int):
            return self.keys[:, :, : self.seen], self.values[:, :, : self.seen], None
        return self.keys, self.values, self.seen


def draw(logits):
    """Samples one token per row, [N, 1]."""
    return torch.multinomial(logits.softmax(-1), 1)


def most_likely(logits):
    """The most likely token per row, [N, 1]."""
    return logits.argmax(-1, keepdim=True)


def pad_cache(part, total):
    """Keys or values [N, heads, P, head], padded with zeros to `total` positions."""
    rows, heads, length, head = part.shape
    whole = part.new_zeros(rows, heads, total, head)
    whole[:, :, :length] = part
    return whole
