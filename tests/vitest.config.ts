import { defineConfig } from "vitest/config";

// One runner for tests/api and tests/web. Files run one after another: they share two cores and one browser's memory.
export default defineConfig({
  test: {
    include: ["**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    reporters: ["default"],
  },
});
