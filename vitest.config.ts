import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'
import { BaseSequencer } from 'vitest/node'
import type { TestSpecification } from 'vitest/node'

/** Files that take longest though they are short, longest first; then the commands and jobs, which start processes. */
const first = ['activations/webgpu.test.ts', 'fuzz/', 'cli/', 'jobs/']

/** What starts processes, or is nearly all memory and threads: each file in a process of its own. */
const processes = 'test/main/{activations,cli,desktop,fuzz,jobs,server}/**/*.test.ts'

/** Begins with what takes longest, so that no worker is left alone with it at the end. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification) => {
      const place = first.findIndex((path) => moduleId.includes(`test/main/${path}`))
      return place < 0 ? first.length : place
    }
    // Larger files first, on a machine that has not run them yet.
    return (await super.sort(files)).sort((a, b) => rank(a) - rank(b))
  }
}

export default defineConfig({
  plugins: [vue()],
  test: {
    testTimeout: 60_000,
    pool: 'forks',
    maxWorkers: availableParallelism(),
    // A failing comparison of long arrays says so without printing them.
    diff: { truncateThreshold: 80 },
    // Tests that run side by side in one file start a process each.
    maxConcurrency: 2,
    sequence: { sequencer: LongestFirst },
    projects: [
      { extends: true, test: { name: 'processes', include: [processes] } },
      {
        extends: true,
        // The others share two processes: starting one and loading the same modules took half a second a file.
        test: {
          ...{ name: 'shared', isolate: false },
          ...{ include: ['test/main/**/*.test.ts', 'test/renderer/**/*.test.ts'], exclude: [processes] },
        },
      },
    ],
    // The commands and engines that tests start load what was compiled before, as a user's do (tools/commands.mjs).
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, '.cache', 'compiled'), ORT_DISABLE_TELEMETRY: '1' },
  },
})
