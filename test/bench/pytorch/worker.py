"""The PyTorch worker. ../json_worker.py describes the protocol, ../allroads/worker.ts the requests.

    python worker.py cpu|cuda THREADS
"""

import json
import platform
import sys
import time
from pathlib import Path

import torch
import transformers
from load import Load
from sampler import Sampler
from steps import training

sys.path.append(str(Path(__file__).parents[1]))
from json_worker import serve  # noqa: E402


class Runners:
    """The runners made so far, by task: functions that run a number of steps."""

    def __init__(self, device):
        self.device, self.load, self.made = device, None, {}

    def prepare(self, folder):
        self.load = Load(folder, self.device)

    def of(self, task):
        key = json.dumps(task)
        if key not in self.made:
            self.made[key] = self.make(task)
        return self.made[key]

    def make(self, task, greedy=False):
        if task["work"] == "matmul":
            return products(task["shape"], self.device)
        if task["work"] in ("sft", "dpo"):
            return training(task["work"], task["runner"], self.load).run
        return sampling(task["work"], task["runner"], self.load, greedy)

    def forget(self):
        self.made.clear()
        torch.compiler.reset()
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


def answer(request, runners):
    if request["do"] == "describe":
        names = {"python": platform.python_version(), "torch": torch.__version__}
        return {"versions": {**names, "transformers": transformers.__version__}}
    if request["do"] == "prepare":
        runners.prepare(request["folder"])
    elif request["do"] == "check":
        task = request["task"]
        if task["work"] in ("sft", "dpo"):
            return {"values": runners.of(task)(request["steps"])}
        return {"values": runners.make(task, greedy=True)(1)}
    elif request["do"] == "run":
        return {"seconds": measure(runners.of(request["task"]), request, runners.device)}
    elif request["do"] == "forget":
        runners.forget()
    return {}


def measure(run, request, device):
    """The seconds that the steps take. Short steps run once before, to bring their data back into the CPU caches."""
    wait = torch.cuda.synchronize if device == "cuda" else lambda: None
    if request["task"]["work"] not in ("sample", "generate"):
        run(1)
    wait()
    started = time.perf_counter()
    run(request["steps"])
    wait()
    return time.perf_counter() - started


def main():
    device, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    runners = Runners(device)

    def answer_on_device(request):
        if device == "cuda" and not torch.cuda.is_available():
            what = f"PyTorch {torch.__version__} finds no CUDA device"
            raise RuntimeError(f"{what}: install a build with CUDA, or set ALLROADS_DEVICE=cpu")
        return answer(request, runners)

    serve(answer_on_device)


if __name__ == "__main__":
    main()
