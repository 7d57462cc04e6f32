"""Training steps of the models in plain PyTorch and in transformers."""

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
    """The same loss, computed by transformers."""
    return model(input_ids=batch["tokens"], labels=batch["labels"], use_cache=False).loss


def dpo_loss(beta):
    """The DPO loss as TRL computes it: one forward pass of chosen and rejected rows, precomputed reference log-probs."""

    def loss(model, batch):
        logps = (completion_logps(model, batch["tokens"], batch["mask"].shape[1]) * batch["mask"]).sum(1)
        chosen, rejected = (logps - batch["reference"]).chunk(2)
        return -F.logsigmoid(beta * (chosen - rejected)).mean()

    return loss


class Training:
    """Trains on the batches in turn. A step is forward, backward, gradient clipping, AdamW, and reading the loss."""

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
        """Runs `steps` more steps. Returns their losses."""
        losses = []
        for _ in range(steps):
            losses.append(self.step(self.batches[self.done % len(self.batches)]).item())
            self.done += 1
        return losses


def training(work, runner, load):
    """Training for `work` ("sft" or "dpo") by the named runner."""
    batches = load.batches(work)
    if runner == "transformers":
        return Training(load.transformers().train(), transformers_loss, batches, load.optimizer)
    loss = sft_loss if work == "sft" else dpo_loss(load.beta)
    fused, compiled = RUNNERS[runner]
    return Training(load.model(), loss, batches, load.optimizer, fused, compiled)


# (fused, compiled): whether AdamW is fused (None: PyTorch's default) and whether steps are compiled. The compiled runner
# uses the fused AdamW, so that the compiler does not have to process its operations.
RUNNERS = {"torch": (None, False), "torch-fused": (True, False), "torch-compile": (True, True)}
