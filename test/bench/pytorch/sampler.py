"""Sampling with a key-value cache of fixed size: each prompt is read once and shared out to its completions."""

import torch


class Sampler:
    """Completes `prompts` [B, P] K times each by C tokens, at temperature 1 or greedily: tokens [B · K, C].

    Where it is `compiled`, a token's position is a tensor and attention looks at the whole cache under a mask, so
    that one graph serves all positions.
    """

    def __init__(self, model, completions: int, tokens: int, compiled: bool):
        self.model, self.completions, self.tokens, self.compiled = model, completions, tokens, compiled
        self.advance = torch.compile(self.step, dynamic=False) if compiled else self.step

    @torch.inference_mode()
    def __call__(self, prompts, greedy=False):
        pick = most_likely if greedy else draw
        length, total = prompts.shape[1], prompts.shape[1] + self.tokens
        share = lambda rows: rows.repeat_interleave(self.completions, 0)
        read = [PromptCache() for _ in self.model.gpt_neox.layers]
        hidden = self.model(prompts, caches=read)
        last = pick(share(self.model.unembed(hidden[:, -1])))
        caches = [(room(share(each.keys), total), room(share(each.values), total)) for each in read]
        found = [last]
        places = torch.arange(total, device=prompts.device)
        for position in range(length, total - 1):
            at = places[position : position + 1]
            seen = (places <= at)[None, None, None] if self.compiled else position + 1
            last = pick(self.advance(last, at, seen, caches))
            found.append(last)
        return torch.cat(found, 1)

    def step(self, last, at, seen, caches):
        """Logits [N, V] after the tokens `last` [N, 1] at position `at` [1], with the caches up to there `seen`."""
        layers = [StepCache(keys, values, at, seen) for keys, values in caches]
        return self.model.unembed(self.model(last, at, layers)[:, -1])


class PromptCache:
    """Takes down one layer's keys and values while prompts are read."""

    def __call__(self, keys, values):
        self.keys, self.values = keys, values
        return keys, values, None


class StepCache:
    """One layer's keys and values, [N, heads, P + C, head] each, while the tokens at one position are read."""

    def __init__(self, keys, values, at, seen):
        self.keys, self.values, self.at, self.seen = keys, values, at, seen

    def __call__(self, key, value):
        self.keys.index_copy_(2, self.at, key)
        self.values.index_copy_(2, self.at, value)
        if isinstance(self.seen, int):
            return self.keys[:, :, : self.seen], self.values[:, :, : self.seen], None
        return self.keys, self.values, self.seen


def draw(logits):
    """One token of each row, [N, 1]."""
    return torch.multinomial(logits.softmax(-1), 1)


def most_likely(logits):
    """The most likely token of each row, [N, 1]."""
    return logits.argmax(-1, keepdim=True)


def room(part, total):
    """A prompt's keys or values [N, heads, P, head] with room up to `total` positions."""
    rows, heads, length, head = part.shape
    whole = part.new_zeros(rows, heads, total, head)
    whole[:, :, :length] = part
    return whole
