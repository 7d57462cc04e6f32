import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { bundledLicenses } from "../../../kernel/setup/licenses.mjs";

const root = mkdtempSync(path.join(tmpdir(), "licenses-"));
afterAll(() => rmSync(root, { recursive: true }));

function addPackage(name: string, manifest: object, license?: string): void {
  const folder = path.join(root, "node_modules", name);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, "package.json"), JSON.stringify({ name, version: "1.0.0", ...manifest }));
  if (license) writeFileSync(path.join(folder, "LICENSE.md"), license);
}

test("the licences of all packages in bundles are listed, also of those that share one", () => {
  addPackage("a", { license: "MIT", repository: { url: "git+https://example.org/a.git" } }, "Copyright A");
  addPackage("@a/part", { license: "MIT", repository: "https://example.org/a" });
  addPackage("b", { license: { type: "ISC" } });
  addPackage("unused", { license: "GPL" }, "Copyright U");
  const inputs = Object.fromEntries(
    ["a/index.js", "@a/part/lib/x.js", "b/b.js", "unused/u.js"].map((file) => [
      `node_modules/${file}`,
      { bytesInOutput: file.startsWith("unused") ? 0 : 5 },
    ]),
  );
  const output = {
    bytes: 15,
    inputs: { ...inputs, "kernel/main.ts": { bytesInOutput: 1 } },
    imports: [],
    exports: [],
  };
  const text = bundledLicenses([{ inputs: {}, outputs: { "main.js": output } }], root);
  expect(text).toMatch(/^a 1\.0\.0, MIT\n\nCopyright A$/m);
  expect(text).toMatch(/^@a\/part 1\.0\.0, MIT\n\nCopyright A$/m);
  expect(text).toMatch(/^b 1\.0\.0, ISC\n\nThe package has no file with its licence\. Its source: unknown$/m);
  expect(text).not.toContain("unused");
});
