import { expect, test } from "vitest";
import { errorText, explainFailure, explainFileError, Failure } from "../../../kernel/setup/failure.mjs";

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

test("explains a package with another checksum", () => {
  expect(explain("npm error code EINTEGRITY\nnpm error sha512-a= integrity checksum failed")).toMatch(
    /^Installing things failed: a downloaded package does not have the checksum in package-lock\.json[^\n]*\.$/,
  );
});

test("quotes an error without control characters", () => {
  expect(explain("error: \u001b[31mred\u001b]0;title\u0007\u009b5m\u202e end\r\n")).toMatch(
    /^Installing things failed \(error: red[ -~]*\): see/,
  );
});

const fileError = (code: string, path?: string) =>
  Object.assign(new Error(`${code}: reason, open 'x'`), { code, syscall: "open", ...(path && { path }) });

test("explains a file system error in one sentence", () => {
  const message = (code: string, path?: string) => {
    const explained = explainFileError(fileError(code, path), "/repository");
    expect(explained).toBeInstanceOf(Failure);
    expect(explained.message).toMatch(/^[^\n]*\.$/);
    return explained.message;
  };
  expect(message("ENOSPC")).toMatch(/^The disk is full/);
  expect(message("EACCES", "/repository/.venv")).toMatch(
    /^\/repository\/\.venv cannot be written: set-up writes/,
  );
  expect(message("EACCES", "/elsewhere/file")).toMatch(/^\/elsewhere\/file cannot be used \(EACCES: reason/);
  for (const code of ["ENOTDIR", "EISDIR", "ELOOP", "EIO", "EEXIST", "EMFILE"])
    expect(message(code, "/repository/a")).toMatch(/^\/repository\/a cannot be used/);
});

test("an error of another kind stays as it is", () => {
  for (const error of [new TypeError("x"), new Failure("sentence"), "text", null, { code: 5 }])
    expect(explainFileError(error, "/repository")).toBe(error);
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
