import { defineConfig } from 'vitest/config'

/** The built window in a real browser (and in Electron where its binary is) over a real engine. Needs `npm run build`. */
export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    // Generous, because a busy machine runs the same job several times slower.
    testTimeout: 300_000,
    hookTimeout: 120_000,
    expect: { poll: { timeout: 20_000 } },
    // One at a time: each file runs an engine and a browser.
    fileParallelism: false,
    pool: 'forks',
  },
})
