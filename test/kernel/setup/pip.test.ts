import os from "node:os";
import { expect, test } from "vitest";
import { pipEnvironment } from "../../../kernel/setup/pip.mjs";

test("pip keeps the settings that say where packages are fetched from, and no others", () => {
  const env = pipEnvironment({
    PATH: "p",
    PYTHONPATH: "x",
    PIP_INDEX_URL: "mirror",
    PIP_FIND_LINKS: "folder",
    PIP_CERT: "certificate",
    PIP_PROXY: "proxy",
    PIP_CONFIG_FILE: "file",
    PIP_CONSTRAINT: "caps.txt",
    PIP_REQUIREMENT: "more.txt",
    PIP_TARGET: "elsewhere",
    PIP_NO_BINARY: ":all:",
    PIP_REQUIRE_HASHES: "0",
  });
  expect(env).toEqual({
    PATH: "p",
    PYTHONNOUSERSITE: "1",
    PIP_USER: "0",
    PIP_INDEX_URL: "mirror",
    PIP_FIND_LINKS: "folder",
    PIP_CERT: "certificate",
    PIP_PROXY: "proxy",
    PIP_CONFIG_FILE: "file",
    PIP_CONSTRAINT: os.devNull,
  });
});
