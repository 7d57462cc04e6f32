import { expect, test } from "vitest";
import { explainFailure, explainFileError, Failure } from "../../../kernel/setup/failure.mjs";

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
