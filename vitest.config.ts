import { defineConfig } from "vitest/config";
import { stageThreads } from "./src/pipeline/stage-threads.ts";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    pool: "forks",
    // Most tests wait for a kernel, a browser or a worker process, so that one file at a time leaves a core idle.
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Tests compute stages in their own process.
    env: stageThreads,
  },
});
