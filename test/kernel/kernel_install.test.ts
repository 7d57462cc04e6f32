import { spawnSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { inflateSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { crc32Of } from "../../kernel/install/crc32.mjs";
import { kernelspecText } from "../../kernel/install/kernelspec.mjs";
import { pngLogo } from "../../kernel/install/logo.mjs";
import { userData } from "../../kernel/install/places.mjs";

const cli = resolve(import.meta.dirname, "..", "..", "kernel", "install", "cli.mjs");
let home = "";
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), "install-"));
});
afterEach(() => rmSync(home, { recursive: true }));

function run(...args: string[]) {
  const env = { ...process.env, HOME: home, XDG_DATA_HOME: join(home, "data"), JUPYTER_DATA_DIR: "" };
  const { status, stdout, stderr } = spawnSync(process.execPath, [cli, ...args], { env, encoding: "utf8" });
  return { status, stdout, stderr };
}

describe("allroads-kernel", () => {
  test("installs, lists and takes away, for the user and in an environment", () => {
    const user = join(home, "data", "jupyter", "kernels", "allroads");
    expect(run("install")).toMatchObject({ status: 0, stdout: `Installed in ${user}\n` });
    expect(readdirSync(user).sort()).toEqual([
      "kernel.json",
      "logo-32x32.png",
      "logo-64x64.png",
      "logo-svg.svg",
    ]);
    const spec = JSON.parse(readFileSync(join(user, "kernel.json"), "utf8"));
    expect(spec).toMatchObject({
      display_name: "TypeScript",
      language: "typescript",
      interrupt_mode: "message",
    });
    expect(spec.argv.at(-1)).toBe("{connection_file}");
    expect(spec.argv.at(-2)).toMatch(/kernel[\\/]dist[\\/]start\.cjs$/);

    const prefix = join(home, "env");
    expect(run("install", "--prefix", prefix, "--name", "mine").status).toBe(0);
    expect(run("list", "--prefix", prefix).stdout).toBe(
      `allroads  ${user}\nmine  ${join(prefix, "share", "jupyter", "kernels", "mine")}\n`,
    );
    expect(run("install").status).toBe(0);
    expect(run("uninstall").status).toBe(0);
    expect(existsSync(user)).toBe(false);
    expect(run("list").stdout).toBe("Not installed.\n");
  });

  test("takes away no kernel of another kind", () => {
    const other = join(home, "data", "jupyter", "kernels", "python3");
    mkdirSync(other, { recursive: true });
    writeFileSync(join(other, "kernel.json"), '{"argv":["python"]}');
    expect(run("uninstall", "--name", "python3")).toMatchObject({ status: 2 });
    expect(existsSync(other)).toBe(true);
  });

  test.each([
    [["frob"], '"frob" is no command'],
    [["install", "--user", "--prefix", "x"], "name two places"],
    [["install", "--name", "a b"], "is no name of a kernel"],
    [["install", "here"], "one word too many"],
  ])("%j is refused in one sentence", (args, sentence) => {
    const { status, stderr } = run(...args);
    expect(status).toBe(2);
    expect(stderr).toContain(sentence);
    expect(stderr.trim().split("\n")).toHaveLength(1);
  });
});

test("the user's data folder is where Jupyter has it", () => {
  expect(userData({ JUPYTER_DATA_DIR: "/d" })).toBe("/d");
  expect(userData({ XDG_DATA_HOME: "/x" }, "linux")).toBe("/x/jupyter");
});

test("a kernelspec is JSON with all that Jupyter asks for", () => {
  const text = kernelspecText({ node: "node", program: "start.cjs", displayName: "T", env: { A: "1" } });
  expect(JSON.parse(text)).toMatchObject({
    display_name: "T",
    env: { A: "1" },
    kernel_protocol_version: "5.4",
  });
});

test("the logo is a PNG image of its size, with transparent corners", () => {
  const png = pngLogo(32);
  expect(png.subarray(12, 16).toString()).toBe("IHDR");
  expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([32, 32]);
  expect(crc32Of(png.subarray(12, 29))).toBe(png.readUInt32BE(29));
  expect(crc32Of(Buffer.from("IEND"))).toBe(0xae426082);
  const pixels = inflateSync(png.subarray(41, png.length - 16));
  expect(pixels.length).toBe(32 * (1 + 32 * 4));
  const alpha = (x: number, y: number) => pixels[y * (1 + 32 * 4) + 1 + 4 * x + 3];
  expect([alpha(0, 0), alpha(31, 31), alpha(16, 2)]).toEqual([0, 0, 255]);
});
