"""The JAX worker. ../peer.py answers the requests.

    python worker.py
"""

import platform
import sys
from pathlib import Path

import jax
import jaxlib
from load import Load
from sampler import sampler
from steps import Training

sys.path.append(str(Path(__file__).parents[1]))
from json_worker import serve  # noqa: E402
from peer import TRAINING, Peer  # noqa: E402


class Jax(Peer):
    def versions(self):
        jax.devices()  # Fails if the device that JAX_PLATFORMS names is missing.
        return {"python": platform.python_version(), "jax": jax.__version__, "jaxlib": jaxlib.__version__}

    def read(self, folder):
        return Load(folder)

    def make(self, task, greedy=False):
        work = task["work"]
        return Training(work, self.load).run if work in TRAINING else sampling(work, self.load, greedy)


def sampling(work, load, greedy):
    """Samples all completions, at temperature 1 or greedily."""
    sample = sampler(load.model, load.sampling[work], load.sampling["tokens"], greedy)
    params, prompts, key = load.params(), load.prompts(), jax.random.key(0)

    def run(steps):
        nonlocal key
        for _ in range(steps):
            key, now = jax.random.split(key)
            found = sample(params, prompts, now)
        return found.ravel().tolist()

    return run


if __name__ == "__main__":
    serve(Jax().answer)
