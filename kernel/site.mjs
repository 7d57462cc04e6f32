import path from "node:path";
import { log } from "./setup/log.mjs";
import { callerFolder, paths } from "./setup/paths.mjs";
import { runProgram } from "./setup/run-command.mjs";
import { setUp } from "./setup/setup.mjs";
import { buildSite } from "./setup/site.mjs";

/** `npm run site`. */
const SITE = {
  name: "npm run site --",
  about:
    "Puts together a site of the reports that npm run paper has written, the notebooks with their outputs, and the API\nreference of the module.",
  options: {
    reports: { value: "DIR", help: "the folder of the reports; the default is reports" },
    out: { value: "DIR", help: "the folder of the site, which is replaced; the default is dist/site" },
  },
};

await runProgram(SITE, async (values) => {
  await setUp();
  const folder = (name, otherwise) => (name ? path.resolve(callerFolder, name) : otherwise);
  const out = folder(values.out, path.join(paths.root, "dist", "site"));
  const { pages, notebooks } = await buildSite(out, folder(values.reports, paths.reports), paths);
  log(`${pages} pages, ${notebooks} notebooks and the API reference are in ${out}.`);
});
