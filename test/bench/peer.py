"""What the workers of PyTorch and JAX have in common. json_worker.py describes the protocol, allroads/worker.ts the
requests.
"""

import json
import time

import memory

TRAINING = ("sft", "dpo")

# The steps in which a framework compiles. They do not count in the memory of a step.
FIRST_STEPS = 2


class Peer:
    """A framework. Subclasses add `versions`, `read` and `make`."""

    def __init__(self):
        self.load, self.made, self.before = None, {}, 0

    def versions(self):
        """The versions of the libraries, by name."""
        raise NotImplementedError

    def read(self, folder):
        """Returns the weights and examples of a folder, for `make`."""
        raise NotImplementedError

    def make(self, task, greedy=False):
        """Returns a function that runs a number of steps of a task, and returns losses, tokens or, if `greedy`, a sum of
        weights."""
        raise NotImplementedError

    def wait(self):
        """Waits until the device has finished."""

    def forget(self):
        self.made.clear()

    def answer(self, request):
        match request["do"]:
            case "describe":
                return {"versions": self.versions()}
            case "load":
                self.before = memory.resident()
                self.load = self.read(request["folder"])
            case "check":
                return self.check(request["task"], request["steps"])
            case "run":
                return {"seconds": self.seconds(request["task"], request["steps"])}
            case "forget":
                self.forget()
        return {}

    def runner(self, task):
        key = json.dumps(task)
        if key not in self.made:
            self.made[key] = self.make(task)
        return self.made[key]

    def check(self, task, steps):
        """The losses of the first steps and the most memory that the later ones use beyond what the process had before it
        read the weights and examples; or the tokens of greedy completions; or the sum of the magnitudes of the weights."""
        if task["work"] not in TRAINING:
            return {"values": self.make(task, greedy=True)(1)}
        run = self.runner(task)
        first = run(FIRST_STEPS)
        later, peak = memory.peak_of(lambda: run(steps - FIRST_STEPS))
        return {"values": first + later, "memory": None if peak is None else peak - self.before}

    def seconds(self, task, steps):
        """The seconds that the steps take. Short steps run once before, to bring their data back into the CPU caches."""
        run = self.runner(task)
        if task["work"] not in ("sample", "generate", "load"):
            run(1)
        self.wait()
        started = time.perf_counter()
        run(steps)
        self.wait()
        return time.perf_counter() - started
