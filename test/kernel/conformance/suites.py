"""jupyter_kernel_test's suites on the kernel that ALLROADS_KERNEL_NAME names."""

import os
import unittest

import jupyter_kernel_test

NAME = os.environ.get("ALLROADS_KERNEL_NAME", "allroads")


class KernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = NAME
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = 'console.log("hello, world")'
    code_stderr = 'console.error("test")'
    completion_samples = [
        {"text": "Math.hy", "matches": ["hypot"]},
        {"text": "process.arg", "matches": ["argv", "argv0"]},
    ]
    complete_code_samples = ["1", 'console.log("hello, world")', "function f(x: number) {\n  return x;\n}\n\n\n"]
    incomplete_code_samples = ["function f() {", "const text = `hello", "f(1,", "/* a comment"]
    invalid_code_samples = ["import = 7q", "1 +* 2"]
    code_page_something = "JSON.stringify?"
    code_generate_error = "throw new Error('no')"
    code_execute_result = [
        {"code": "6*7", "result": "42"},
        {"code": "'test'", "result": "test"},
        {"code": "await Promise.resolve(3)", "result": "3"},
        {"code": "[1, 2]", "result": "[ 1, 2 ]"},
    ]
    code_display_data = [
        {
            "code": 'import { html, show } from "allroads-kernel"; await show(html("<b>test</b>"))',
            "mime": "text/html",
        },
        {"code": 'import * as tslab from "tslab"; tslab.display.html("<b>1</b>")', "mime": "text/html"},
    ]
    code_history_pattern = "6?7*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "JSON.stringify"
    code_clear_output = 'import { clearOutput } from "allroads-kernel"; clearOutput()'


class IopubWelcomeTests(jupyter_kernel_test.IopubWelcomeTests):
    kernel_name = NAME
    support_iopub_welcome = True


if __name__ == "__main__":
    unittest.main(verbosity=2)
