import { expect, test } from "vitest";
import { errorText, explainFailure, Failure } from "../../../kernel/setup/failure.mjs";

const explain = (output: string) => explainFailure("Installing things", output, "/log");

test.each([
  "npm error code EAI_AGAIN",
  "npm error network request to x failed, reason: getaddrinfo ENOTFOUND x",
  "Failed to establish a new connection: [Errno -3] Temporary failure in name resolution",
  "connect ECONNREFUSED 127.0.0.1:9",
])("explains a network error: %s", (output) => {
  expect(explain(output)).toMatch(/cannot be reached.*network or the proxy/);
});

test.each(["OSError: [Errno 28] No space left on device", "npm error code ENOSPC"])(
  "explains a full disk: %s",
  (output) => {
    expect(explain(output)).toMatch(/the disk is full/);
  },
);

test("quotes the last line with an error, and names the log", () => {
  expect(explain("one\nfatal error: napi.h: No such file\nmake stopped\n")).toBe(
    "Installing things failed (fatal error: napi.h: No such file): see /log, then run the same command again.",
  );
  expect(explain("")).toBe("Installing things failed: see /log, then run the same command again.");
});

test("an error that ends a command is one sentence if it is a Failure or of the system", () => {
  expect(errorText(new Failure("Give one."))).toBe("Give one.");
  const refused = Object.assign(new Error("EACCES: permission denied, open '/x'"), { code: "EACCES" });
  expect(errorText(refused)).toBe(
    "The system refused what the command needs: EACCES: permission denied, open '/x'.",
  );
});

test.each([
  new TypeError("x is undefined"),
  new Error("y"),
  Object.assign(new Error("z"), { code: 3 }),
  "w",
  null,
])("%j is called an error of the program, with its stack and how to report it", (error) => {
  const text = errorText(error, "the kernel");
  expect(text).toMatch(/^This is an error in the kernel, not in how you called it\. Please report it .*:\n/);
  expect(text).toContain(error instanceof Error ? `${error.message}\n    at ` : String(error));
});

test("an error's characters that are not seen are shown", () => {
  expect(errorText(new Failure("a\u001b]0;t\u0007\u202e"))).toBe("a\\x1b]0;t\\x07\\u202e");
  expect(errorText(new TypeError("a\u009b2J"))).toContain("a\\x9b2J");
});
