import { readFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { billOfMaterials } from "../../../kernel/setup/bill-of-materials.mjs";
import { paths } from "../../../kernel/setup/paths.mjs";
import { readPins } from "../../../kernel/setup/pins.mjs";

interface Component {
  purl: string;
  hashes?: { alg: string; content: string }[];
}
interface LockEntry {
  /** The name of the package, if it is installed under another one. */
  name?: string;
  version?: string;
  integrity?: string;
  link?: boolean;
}

let components: Component[] = [];
let hashes = new Map<string, string[]>();
beforeAll(() => {
  const document = billOfMaterials(paths);
  expect(document).toMatchObject({ bomFormat: "CycloneDX", specVersion: "1.5" });
  components = document.components;
  hashes = new Map(
    components.map(({ purl, hashes }) => [
      decodeURIComponent(purl),
      (hashes ?? []).map(({ alg, content }) => `${alg} ${content}`),
    ]),
  );
});

test("every npm package of the lock file is in the bill of materials, with its checksum", () => {
  const lock: Record<string, LockEntry> = JSON.parse(readFileSync(paths.lockFile, "utf8")).packages;
  const installed = Object.entries(lock).filter(
    ([folder, { link }]) => folder.includes("node_modules/") && !link,
  );
  expect(installed.length).toBeGreaterThan(300);
  const missing = installed.filter(([folder, { name, version, integrity = "" }]) => {
    const purl = `pkg:npm/${name ?? folder.split("node_modules/").at(-1)}@${version}`;
    const sum = Buffer.from(integrity.replace("sha512-", ""), "base64").toString("hex");
    return !hashes.get(purl)?.includes(`SHA-512 ${sum}`);
  });
  expect(missing).toEqual([]);
});

test("every Python package and TensorFlow wheel is in the bill of materials, with its checksums", () => {
  const pins = [...readPins(paths.requirements), ...readPins(paths.tensorflowWheels)];
  expect(pins.length).toBeGreaterThan(100);
  for (const pin of pins)
    expect(hashes.get(`pkg:pypi/${pin.name}@${pin.version}`)).toEqual(
      pin.hashes.map((hash) => `SHA-256 ${hash}`),
    );
});

test("the bill of materials has no package that no lock file has", () => {
  const names = new Set(Object.keys(JSON.parse(readFileSync(paths.lockFile, "utf8")).packages));
  const pinned = [...readPins(paths.requirements), ...readPins(paths.tensorflowWheels)].map(
    ({ name }) => name,
  );
  const unknown = components.filter(({ purl }) => {
    const [, kind, name = ""] = /^pkg:(\w+)\/(.+)@/.exec(decodeURIComponent(purl)) ?? [];
    if (kind === "pypi") return !pinned.includes(name);
    return ![...names].some((folder) => folder.endsWith(`node_modules/${name}`));
  });
  expect(unknown).toEqual([]);
});
