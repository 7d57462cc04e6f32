"""The weights and examples of one size, as written by ../allroads/data.ts."""

import json
from pathlib import Path

import jax
import jax.numpy as jnp
from neox import NeoX
from safetensors.numpy import load_file


class Load:
    def __init__(self, folder):
        self.folder = Path(folder)
        self.model = NeoX(json.loads((self.folder / "config.json").read_text()))
        settings = json.loads((self.folder / "settings.json").read_text())
        self.beta, self.optimizer = settings["beta"], settings["optimizer"]
        self.sampling = settings["sampling"]
        self.tensors = load_file(self.folder / "data.safetensors")

    def params(self):
        """A new copy of the parameters."""
        return jax.tree.map(jnp.asarray, load_file(self.folder / "model.safetensors"))

    def batches(self, work):
        """The batches of B prompts with K completions each: dicts of `prompts` [B, P - 1], without the last token, which
        is the first of `inputs` [K, B, C]; `targets` and `mask` [K, B, C]; and for DPO `reference` [K, B]."""
        tokens, mask = self.tensors[f"{work}/tokens"], self.tensors[f"{work}/mask"]
        count, rows, length = mask.shape
        completions = 2 if work == "dpo" else 1
        each = lambda values: values.reshape(count, completions, rows // completions, *values.shape[2:])
        start = tokens.shape[-1] - length
        parts = {
            "prompts": each(tokens)[:, 0, :, : start - 1],
            "inputs": each(tokens[..., start - 1 : -1]),
            "targets": each(tokens[..., start:]),
            "mask": each(mask),
        }
        if work == "dpo":
            parts["reference"] = each(self.tensors["dpo/reference"])
        return [jax.tree.map(lambda part: jnp.asarray(part[index]), parts) for index in range(count)]

    def prompts(self):
        """int32 [prompts, P]."""
        return jnp.asarray(self.tensors["prompts"])
