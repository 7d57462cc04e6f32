"""One size's weights and examples, as ../allroads/data.ts wrote them."""

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
        """The lean model, with weights of its own."""
        model = NeoX(self.config)
        model.load_state_dict(load_file(self.folder / "model.safetensors"))
        return model.to(self.device)

    def transformers(self):
        """transformers' model, with weights of its own."""
        from transformers import GPTNeoXForCausalLM

        return GPTNeoXForCausalLM.from_pretrained(self.folder, attn_implementation="sdpa").to(self.device)

    def batches(self, work):
        """Each with `tokens` int64 [B, P + C], `labels` of that shape, -100 where there is no loss, `mask` float32
        [B, C], and for pairs `reference` float32 [B]."""
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
