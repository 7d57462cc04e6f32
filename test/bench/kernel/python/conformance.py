"""Runs the suites of jupyter_kernel_test on each kernel, with cells in its language and its own display calls."""

import signal
import sys
import unittest
from pathlib import Path

import jupyter_kernel_test

sys.path.insert(0, str(Path(__file__).parents[3] / "kernel" / "conformance"))
import suites as allroads  # noqa: E402

LIMIT = 6
"""Seconds after which a suite fails."""


def any_text(samples):
    """The samples without the expected text, since kernels format values differently."""
    return [{"code": sample["code"]} for sample in samples]


class Tslab(allroads.KernelTests):
    kernel_name = "tslab"
    code_page_something = ""
    code_clear_output = ""
    code_execute_result = any_text(allroads.KernelTests.code_execute_result)
    code_display_data = [
        {"code": 'import * as tslab from "tslab"; tslab.display.html("<b>1</b>")', "mime": "text/html"}
    ]


class Deno(allroads.KernelTests):
    kernel_name = "deno"
    code_page_something = ""
    code_execute_result = any_text(allroads.KernelTests.code_execute_result)
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


KERNELS = {"allroads": allroads.KernelTests, "tslab": Tslab, "deno": Deno, "python3": IPykernel}


class Result(unittest.TestResult):
    """Counts the passed tests and subtests."""

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
        """"pass", "part" or "fail"; "none" if the suite does not apply to the kernel."""
        if self.failures or self.errors:
            return "part" if self.passed else "fail"
        return "none" if self.skipped and not self.passed else "pass"


def run(name):
    """Runs all suites on a kernel: verdicts by suite. After a failure the kernel is restarted."""
    welcome = type("Welcome", (allroads.IopubWelcomeTests,), {"kernel_name": name})
    found = {}
    signal.signal(signal.SIGALRM, raise_timeout)
    for suite in (KERNELS[name], welcome):
        started = False
        for test in unittest.defaultTestLoader.getTestCaseNames(suite):
            if not started:
                suite.setUpClass()
                started = True
            result = Result()
            signal.alarm(LIMIT)
            suite(test).run(result)
            signal.alarm(0)
            found[test.removeprefix("test_")] = result.verdict()
            if result.failures or result.errors:
                suite.tearDownClass()
                started = False
        if started:
            suite.tearDownClass()
    return found


def raise_timeout(*_):
    raise TimeoutError(f"the suite did not end within {LIMIT} seconds")
