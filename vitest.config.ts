import { defineConfig } from "vitest/config";
import { codeVersion } from "./kernel/setup/sources.mjs";

export default defineConfig({
  define: { __CODE_VERSION__: JSON.stringify(codeVersion(import.meta.dirname)) },
  test: { include: ["test/**/*.test.ts"], pool: "forks", testTimeout: 120_000 },
});
