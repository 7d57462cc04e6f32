"""Training steps of the models in plain PyTorch and in transformers."""

import torch
import torch.nn.functional as F
from shared import completion_states


def states(model, tokens, length, completions):
    """The final hidden states that predict the last `length` tokens of each row of `tokens` [B, P + C]."""
    return model(tokens[:, :-1])[:, -length:]


def shared_states(model, tokens, length, completions):
    """The same, if each prompt has several `completions`, whose rows come one after another."""
    start = tokens.shape[1] - length - 1
    prompts = tokens[: len(tokens) // completions, :start]
    return completion_states(model, prompts, tokens[:, start:-1])


def sft_loss(states):
    """The mean cross-entropy of the completion tokens where `mask` is 1."""

    def loss(model, batch):
        length = batch["mask"].shape[1]
        logits = model.unembed(states(model, batch["tokens"], length, 1)).flatten(0, 1)
        return F.cross_entropy(logits, batch["labels"][:, -length:].flatten())

    return loss


def transformers_loss(model, batch):
    """The same loss, computed by transformers."""
    return model(input_ids=batch["tokens"], labels=batch["labels"], use_cache=False).loss


def dpo_loss(states, beta):
    """The DPO loss as TRL computes it: one forward pass of chosen and rejected rows, precomputed reference log-probs."""

    def loss(model, batch):
        tokens, mask = batch["tokens"], batch["mask"]
        length = mask.shape[1]
        logits = model.unembed(states(model, tokens, length, 2)).flatten(0, 1)
        losses = F.cross_entropy(logits, tokens[:, -length:].flatten(), reduction="none")
        logps = -(losses.view_as(mask) * mask).sum(1)
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
    states_of, fused, compiled = RUNNERS[runner]
    loss = sft_loss(states_of) if work == "sft" else dpo_loss(states_of, load.beta)
    return Training(load.model(), loss, batches, load.optimizer, fused, compiled)


# The forward pass, whether AdamW is fused (None: PyTorch's default), and whether steps are compiled. Compiled runners use
# the fused AdamW, so that the compiler does not have to process its operations.
RUNNERS = {
    "torch": (states, None, False),
    "torch-fused": (states, True, False),
    "torch-compile": (states, True, True),
    "torch-shared": (shared_states, True, False),
    "torch-shared-compile": (shared_states, True, True),
}
