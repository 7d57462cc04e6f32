import { defineConfig } from "vitest/config";
import { stageThreads } from "./src/pipeline/stage-threads.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Tests compute stages in their own process.
    env: stageThreads,
  },
});
