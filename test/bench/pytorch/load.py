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
        self.beta, self.optimizer, self.sampling = settings["beta"], settings["optimizer"], settings["sampling"]
        self.tensors = {name: tensor.to(device) for name, tensor in load_file(self.folder / "data.safetensors").items()}

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
        """`tokens` int64 [B, P + C] with `labels` of the same shape, -100 where no loss is; `mask` float32 [B, C]."""
        tokens, masks = self.tensors[f"{work}/tokens"].long(), self.tensors[f"{work}/mask"]
        labels = tokens.clone()
        labels[..., : -masks.shape[-1]] = -100
        labels[..., -masks.shape[-1] :].masked_fill_(masks == 0, -100)
        batches = [dict(tokens=t, labels=l, mask=m) for t, l, m in zip(tokens, labels, masks)]
        if work == "dpo":
            for batch, reference in zip(batches, self.tensors["dpo/reference"]):
                batch["reference"] = reference
        return batches

    def prompts(self):
        return self.tensors["prompts"].long()
