import { fileURLToPath } from "node:url"
import { defineConfig } from "vitest/config"

const source = (file: string): string => fileURLToPath(new URL(`./src/${file}`, import.meta.url))

export default defineConfig({
  resolve: {
    alias: [
      { find: /^supervise$/, replacement: source("index.ts") },
      { find: /^supervise\/client$/, replacement: source("client.ts") },
      { find: /^supervise\/notify$/, replacement: source("notify/notify.ts") },
      { find: /^supervise\/testing$/, replacement: source("testing.ts") },
      { find: /^supervise\/testing\/fast-check$/, replacement: source("fast-check.ts") }
    ]
  },
  test: {
    include: ["test/**/*.test.ts"],
    setupFiles: ["test/setup.ts"],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    maxWorkers: 2,
    maxConcurrency: 2
  }
})
