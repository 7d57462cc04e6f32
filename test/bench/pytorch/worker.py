"""The PyTorch worker. ../peer.py answers the requests.

    python worker.py cpu|cuda THREADS
"""

import importlib.metadata
import platform
import sys
from pathlib import Path

import torch
from load import Load
from sampler import Sampler
from steps import training

sys.path.append(str(Path(__file__).parents[1]))
from json_worker import serve  # noqa: E402
from peer import TRAINING, Peer  # noqa: E402


class PyTorch(Peer):
    def __init__(self, device):
        super().__init__()
        self.device = device

    def answer(self, request):
        if self.device == "cuda" and not torch.cuda.is_available():
            what = f"PyTorch {torch.__version__} finds no CUDA device"
            raise RuntimeError(f"{what}: install a build with CUDA, or set ALLROADS_DEVICE=cpu")
        return super().answer(request)

    def versions(self):
        names = {"python": platform.python_version(), "torch": torch.__version__}
        return {**names, "transformers": importlib.metadata.version("transformers")}

    def read(self, folder):
        return Load(folder, self.device)

    def make(self, task, greedy=False):
        if task["work"] == "matmul":
            return products(task["shape"], self.device)
        if task["work"] in TRAINING:
            return training(task["work"], task["runner"], self.load).run
        if task["work"] == "load":
            return loading(self.load, greedy)
        return sampling(task["work"], task["runner"], self.load, greedy)

    def wait(self):
        if self.device == "cuda":
            torch.cuda.synchronize()

    def forget(self):
        super().forget()
        if self.device == "cuda":
            torch.cuda.empty_cache()


def products(shape, device):
    """Multiplies float32 matrices [m, k] and [k, n]."""
    m, k, n = shape
    left, right = torch.rand(m, k, device=device), torch.rand(k, n, device=device)
    out = torch.empty(m, n, device=device)

    def run(steps):
        for _ in range(steps):
            torch.matmul(left, right, out=out)
        return []

    return run


def sampling(work, runner, load, greedy):
    """Samples all completions, at temperature 1 or greedily."""
    completions, tokens = load.sampling[work], load.sampling["tokens"]
    prompts = load.prompts()
    if runner == "transformers":
        generate = transformers_generate(load.transformers().eval(), completions, tokens, greedy)
    else:
        sampler = Sampler(load.model().eval(), completions, tokens, runner == "torch-compile")
        generate = lambda ids: sampler(ids, greedy)

    def run(steps):
        for _ in range(steps):
            found = generate(prompts)
        return found.flatten().tolist()

    return run


def loading(load, sum_weights):
    """Reads the model with weights in F16 as float32."""

    def run(steps):
        for _ in range(steps):
            model = load.half()
        if not sum_weights:
            return []
        return [sum(weight.abs().sum(dtype=torch.float64).item() for weight in model.parameters())]

    return run


def transformers_generate(model, completions, tokens, greedy):
    """Sampling by `generate` of transformers: tokens [B · K, C]."""
    length = dict(min_new_tokens=tokens, max_new_tokens=tokens, pad_token_id=0)
    choice = dict(do_sample=False) if greedy else dict(do_sample=True, temperature=1.0, top_k=0, top_p=1.0)

    def generate(prompts):
        ids = prompts.repeat_interleave(completions, 0) if greedy else prompts
        many = {} if greedy else dict(num_return_sequences=completions)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), **length, **choice, **many)
        return out[:, prompts.shape[1] :]

    return generate


def main():
    device, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    serve(PyTorch(device).answer)


if __name__ == "__main__":
    main()
