"""jupyter_kernel_test's suites on each kernel, with its language's cells and its own ways to show and to clear."""

import signal
import sys
import unittest
from pathlib import Path

import jupyter_kernel_test

sys.path.insert(0, str(Path(__file__).parents[3] / "kernel" / "conformance"))
import suites as ours  # noqa: E402

LIMIT = 6
"""Seconds for one suite: a kernel that never answers has failed it."""


def any_text(samples):
    """The samples without the text that Allroads shows: others may put it in their own way."""
    return [{"code": sample["code"]} for sample in samples]


class Tslab(ours.KernelTests):
    kernel_name = "tslab"
    code_page_something = ""
    code_clear_output = ""
    code_execute_result = any_text(ours.KernelTests.code_execute_result)
    code_display_data = [
        {"code": 'import * as tslab from "tslab"; tslab.display.html("<b>1</b>")', "mime": "text/html"}
    ]


class Deno(ours.KernelTests):
    kernel_name = "deno"
    code_page_something = ""
    code_execute_result = any_text(ours.KernelTests.code_execute_result)
    code_display_data = [
        {"code": "await Deno.jupyter.display(Deno.jupyter.html`<b>1</b>`)", "mime": "text/html"}
    ]
    code_clear_output = 'await Deno.jupyter.broadcast("clear_output", { wait: false })'


class IPykernel(jupyter_kernel_test.KernelTests):
    kernel_name = "python3"
    language_name = "python"
    file_extension = ".py"
    code_hello_world = "print('hello, world')"
    code_stderr = "import sys; print('test', file=sys.stderr)"
    completion_samples = [
        {"text": "import math; math.hy", "matches": ["hypot"]},
        {"text": "str.isdi", "matches": ["isdigit"]},
    ]
    complete_code_samples = ["1", "print('hello, world')", "def f(x):\n  return x\n\n\n"]
    incomplete_code_samples = ["def f():", "text = '''hello", "f(1,", "for i in range(3):"]
    invalid_code_samples = ["import = 7q", "1 +* 2"]
    code_page_something = "str?"
    code_generate_error = "raise Exception('no')"
    code_execute_result = [{"code": "6*7"}, {"code": "'test'"}, {"code": "3"}, {"code": "[1, 2]"}]
    code_display_data = [
        {"code": "from IPython.display import HTML, display; display(HTML('<b>1</b>'))", "mime": "text/html"}
    ]
    code_history_pattern = "6?7*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "str.upper"
    code_clear_output = "from IPython.display import clear_output; clear_output()"


KERNELS = {"allroads": ours.KernelTests, "tslab": Tslab, "deno": Deno, "python3": IPykernel}


class Tally(unittest.TestResult):
    """How a test went, part by part where it has parts."""

    def __init__(self):
        super().__init__()
        self.passed = 0

    def addSuccess(self, test):
        super().addSuccess(test)
        self.passed += 1

    def addSubTest(self, test, subtest, outcome):
        super().addSubTest(test, subtest, outcome)
        self.passed += outcome is None

    def verdict(self):
        """"pass", "part" or "fail"; "none" where there was nothing to ask it with."""
        if self.failures or self.errors:
            return "part" if self.passed else "fail"
        return "none" if self.skipped and not self.passed else "pass"


def run(name):
    """How every suite went on a kernel, by the suite's name. Each that fails leaves the next a fresh kernel."""
    welcome = type("Welcome", (ours.IopubWelcomeTests,), {"kernel_name": name})
    found = {}
    signal.signal(signal.SIGALRM, out_of_time)
    for suite in (KERNELS[name], welcome):
        started = False
        for test in unittest.defaultTestLoader.getTestCaseNames(suite):
            if not started:
                suite.setUpClass()
                started = True
            tally = Tally()
            signal.alarm(LIMIT)
            suite(test).run(tally)
            signal.alarm(0)
            found[test.removeprefix("test_")] = tally.verdict()
            if tally.failures or tally.errors:
                suite.tearDownClass()
                started = False
        if started:
            suite.tearDownClass()
    return found


def out_of_time(*_):
    raise TimeoutError(f"no end after {LIMIT} seconds")
