import path from "node:path";
import { billOfMaterials } from "./setup/bill-of-materials.mjs";
import { writeAtomically } from "./setup/files.mjs";
import { log } from "./setup/log.mjs";
import { callerFolder, paths } from "./setup/paths.mjs";
import { runProgram } from "./setup/run-command.mjs";

/** `npm run sbom`. */
const SBOM = {
  name: "npm run sbom --",
  about:
    "Writes a bill of materials in the CycloneDX format: every npm package, Python package and TensorFlow wheel that\nset-up installs, with the hashes that it checks. Reads the lock files only.",
  options: { out: { value: "FILE", help: "the file to write; the default is reports/sbom.cdx.json" } },
};

await runProgram(SBOM, async (values) => {
  const file = values.out
    ? path.resolve(callerFolder, values.out)
    : path.join(paths.reports, "sbom.cdx.json");
  const document = billOfMaterials(paths);
  writeAtomically(file, `${JSON.stringify(document, null, 2)}\n`);
  log(`${document.components.length} packages in ${file}.`);
});
