"""Training steps in plain PyTorch, and of transformers' own model."""

import torch
import torch.nn.functional as F
from neox import NeoX


def completion_logps(model, tokens, length):
    """log π of the last `length` tokens of each row, [B, C]. `tokens` [B, P + C]."""
    hidden = model(tokens[:, :-1])[:, -length:]
    logits, targets = model.unembed(hidden).flatten(0, 1), tokens[:, -length:].flatten()
    return -F.cross_entropy(logits, targets, reduction="none").view(-1, length)


def sft_loss(model, batch):
    """The mean cross-entropy of the completion tokens where `mask` is 1."""
    length = batch["mask"].shape[1]
    hidden = model(batch["tokens"][:, :-1])[:, -length:]
    return F.cross_entropy(model.unembed(hidden).flatten(0, 1), batch["labels"][:, -length:].flatten())


def transformers_loss(model, batch):
    """`sft_loss` as transformers computes it."""
    return model(input_ids=batch["tokens"], labels=batch["labels"], use_cache=False).loss


def dpo_loss(beta):
    """TRL's: chosen completions and below them rejected ones in one forward pass, with a precomputed reference."""

    def loss(model, batch):
        logps = (completion_logps(model, batch["tokens"], batch["mask"].shape[1]) * batch["mask"]).sum(1)
        chosen, rejected = (logps - batch["reference"]).chunk(2)
        return -F.logsigmoid(beta * (chosen - rejected)).mean()

    return loss


class Training:
    """Steps on batches in turn, each of which reads its loss back: forward, backward, clip, AdamW."""

    def __init__(self, model, loss_of, batches, optimizer, fused=None, compiled=False):
        self.batches, self.done = batches, 0
        rates = {"lr": optimizer["learningRate"], "betas": optimizer["betas"], "eps": optimizer["eps"]}
        adam = torch.optim.AdamW(
            model.parameters(), weight_decay=optimizer["weightDecay"], fused=fused, **rates
        )

        def step(batch):
            adam.zero_grad(set_to_none=True)
            loss = loss_of(model, batch)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), optimizer["maxGradNorm"])
            adam.step()
            return loss.detach()

        self.step = torch.compile(step, dynamic=False) if compiled else step

    def run(self, steps):
        """The losses of `steps` more steps."""
        losses = []
        for _ in range(steps):
            losses.append(self.step(self.batches[self.done % len(self.batches)]).item())
            self.done += 1
        return losses


def training(work, runner, load):
    """Training on one stage's batches of `load` by the runner of that name."""
    batches = load.batches(work)
    if runner == "transformers":
        return Training(load.transformers().train(), transformers_loss, batches, load.optimizer)
    loss = sft_loss if work == "sft" else dpo_loss(load.beta)
    fused, compiled = RUNNERS[runner]
    return Training(load.model(), loss, batches, load.optimizer, fused, compiled)


# Whether AdamW is fused (None leaves the choice to PyTorch), and whether steps are compiled. A fused AdamW is one
# call in a compiled step too, and spares the compiler all its operations.
RUNNERS = {"torch": (None, False), "torch-fused": (True, False), "torch-compile": (True, True)}
