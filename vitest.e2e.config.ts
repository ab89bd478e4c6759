import { defineConfig } from 'vitest/config'

/** The built window in a real browser (and in Electron where its binary is) over a real engine. Needs `npm run build`. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // One at a time: each file runs an engine and a browser.
    fileParallelism: false,
    pool: 'forks',
  },
})
