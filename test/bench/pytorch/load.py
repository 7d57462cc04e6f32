"""The weights and examples of one size, as written by ../allroads/data.ts."""

import json
from pathlib import Path

from neox import NeoX
from safetensors.torch import load_file


class Load:
    def __init__(self, folder, device):
        self.folder, self.device = Path(folder), device
        self.config = json.loads((self.folder / "config.json").read_text())
        settings = json.loads((self.folder / "settings.json").read_text())
        self.beta, self.optimizer = settings["beta"], settings["optimizer"]
        self.sampling = settings["sampling"]
        self.tensors = load_file(self.folder / "data.safetensors", device=device)

    def model(self):
        """A new copy of the model in plain PyTorch."""
        model = NeoX(self.config)
        model.load_state_dict(load_file(self.folder / "model.safetensors"))
        return model.to(self.device)

    def transformers(self):
        """A new copy of the model in transformers."""
        from transformers import GPTNeoXForCausalLM

        return GPTNeoXForCausalLM.from_pretrained(self.folder, attn_implementation="sdpa").to(self.device)

    def half(self):
        """The model in transformers, from weights in F16."""
        from transformers import GPTNeoXForCausalLM

        return GPTNeoXForCausalLM.from_pretrained(self.folder / "half", dtype="float32").to(self.device)

    def batches(self, work):
        """The batches: dicts of `tokens` int64 [B, P + C]; `labels` of the same shape, -100 for tokens without loss;
        `mask` float32 [B, C]; and for DPO `reference` float32 [B], the reference log-probabilities."""
        tokens, masks = self.tensors[f"{work}/tokens"].long(), self.tensors[f"{work}/mask"]
        labels = tokens.clone()
        labels[..., : -masks.shape[-1]] = -100
        labels[..., -masks.shape[-1] :].masked_fill_(masks == 0, -100)
        parts = {"tokens": tokens, "labels": labels, "mask": masks}
        if work == "dpo":
            parts["reference"] = self.tensors["dpo/reference"]
        return [dict(zip(parts, batch)) for batch in zip(*parts.values())]

    def prompts(self):
        """int64 [prompts, P]."""
        return self.tensors["prompts"].long()
