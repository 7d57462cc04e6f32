import { readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import os from "node:os";
import { afterEach, describe, expect, test, vi } from "vitest";
import { paths as own } from "../../../kernel/setup/paths.mjs";
import { requirementsText } from "../../../kernel/setup/pins.mjs";
import { download, pipEnvironment } from "../../../kernel/setup/pip.mjs";
import { useTemporaryFolder } from "./temporary-folder.ts";
import { hasPip, writeWheel } from "./wheels.ts";

const folder = useTemporaryFolder();
afterEach(() => vi.unstubAllEnvs());

test("pip keeps the settings that say where packages are fetched from, and no others", () => {
  const kept = {
    PATH: "p",
    PIP_INDEX_URL: "mirror",
    PIP_FIND_LINKS: "folder",
    PIP_CERT: "certificate",
    PIP_PROXY: "proxy",
    PIP_CONFIG_FILE: "file",
  };
  const env = pipEnvironment({
    ...kept,
    PYTHONPATH: "x",
    PIP_CONSTRAINT: "caps.txt",
    PIP_REQUIREMENT: "more.txt",
    PIP_TARGET: "elsewhere",
    PIP_NO_BINARY: ":all:",
    PIP_REQUIRE_HASHES: "0",
  });
  expect(env).toEqual({ ...kept, PYTHONNOUSERSITE: "1", PIP_USER: "0", PIP_CONSTRAINT: os.devNull });
});

describe.skipIf(!hasPip)("downloading from a package index", () => {
  const name = "tiny-1.0-py3-none-any.whl";

  /**
   * Downloads a wheel from an index that first sends the bytes that `spoil` makes of it. pip may cache them.
   *
   * @returns the message of the failure, and how often the wheel was sent
   */
  async function downloadFrom(spoil: (wheel: Buffer, request: number) => Buffer) {
    const { file, hash } = writeWheel(folder.at(), name, { "tiny.py": "" });
    const wheel = readFileSync(file);
    let requests = 0;
    const server = createServer((request, response) => {
      response.setHeader("Cache-Control", "max-age=3600");
      if (!request.url?.endsWith(".whl")) {
        response.setHeader("Content-Type", "text/html");
        response.end(`<!DOCTYPE html><html><body><a href="/${name}">${name}</a></body></html>`);
        return;
      }
      requests += 1;
      response.setHeader("Content-Length", wheel.length);
      const bytes = spoil(wheel, requests);
      response.write(bytes);
      if (bytes.length === wheel.length) response.end();
      else setTimeout(() => response.destroy(), 50);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    vi.stubEnv("PIP_INDEX_URL", `http://127.0.0.1:${port}/simple`);
    vi.stubEnv("PIP_CONFIG_FILE", os.devNull);
    vi.stubEnv("PIP_CACHE_DIR", folder.at("cache"));
    for (const each of [
      "PIP_EXTRA_INDEX_URL",
      "PIP_FIND_LINKS",
      "PIP_NO_INDEX",
      "PIP_PROXY",
      "HTTP_PROXY",
      "http_proxy",
    ])
      vi.stubEnv(each, "");
    folder.put("pins.txt", requirementsText([{ name: "tiny", version: "1.0", hashes: [hash] }]));
    const paths = { ...folder.context().paths, installer: own.installer };
    const where = { paths, folder: folder.at("wheels"), scratch: folder.at("scratch") };
    try {
      await download("Downloading tiny", ["--require-hashes", "-r", folder.at("pins.txt")], where);
      return { message: "", requests };
    } catch (error) {
      return { message: (error as Error).message, requests };
    } finally {
      server.close();
    }
  }

  const flipped = (wheel: Buffer) => wheel.map((byte, index) => (index === 40 ? byte ^ 1 : byte)) as Buffer;

  test("a damaged file in pip's cache is fetched again", async () => {
    expect(await downloadFrom((wheel, request) => (request === 1 ? flipped(wheel) : wheel))).toEqual({
      message: "",
      requests: 2,
    });
    expect(readFileSync(folder.at("wheels", name))).toEqual(readFileSync(folder.at(name)));
  });

  test("a file that is always damaged is refused", async () => {
    const { message } = await downloadFrom(flipped);
    expect(message).toMatch(
      /^Downloading tiny failed: tiny==1\.0 does not have the SHA-256 that is pinned for it/,
    );
    expect(readdirSync(folder.at("wheels"))).toEqual([]);
  });

  test("a download that breaks off is refused with one sentence", async () => {
    const { message } = await downloadFrom((wheel) => wheel.subarray(0, 200));
    expect(message).toMatch(/^Downloading tiny failed[^\n]*\.$/);
    expect(readdirSync(folder.at("wheels"))).toEqual([]);
  });
});
