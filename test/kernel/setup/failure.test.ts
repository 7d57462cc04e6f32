import { expect, test } from "vitest";
import { explainFailure } from "../../../kernel/setup/failure.mjs";

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
