"""PyTorch as a process that is asked as ../answering.py tells. ../allroads/worker.ts tells the requests.

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
from answering import serve  # noqa: E402


class Runners:
    """What has been made for the tasks so far: functions of a number of steps."""

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
    """float32 products of an [m, k] with a [k, n] matrix, one after the other."""
    m, k, n = shape
    left, right = torch.rand(m, k, device=device), torch.rand(k, n, device=device)
    out = torch.empty(m, n, device=device)

    def run(steps):
        for _ in range(steps):
            torch.matmul(left, right, out=out)
        return []

    return run


def sampling(work, runner, load, greedy):
    """Sampling of all completions, at temperature 1 or, for a check, greedily."""
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
    """transformers' `generate`: tokens [B · K, C]."""
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
        return {"seconds": seconds(runners.of(request["task"]), request, runners.device)}
    elif request["do"] == "forget":
        runners.forget()
    return {}


def seconds(run, request, device):
    """Seconds that the steps take; short ones after another that brings their data back into the caches."""
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
            what = f"PyTorch {torch.__version__} finds no CUDA card"
            raise RuntimeError(f"{what}: install a build with CUDA, or set ALLROADS_DEVICE=cpu")
        return answer(request, runners)

    serve(answer_on_device)


if __name__ == "__main__":
    main()
