/**
 * Mutated files for every reader of files from anywhere: each is read as data that makes sense, or refused with a code. A
 * reader runs in a process of its own, with a heap of 512 MB: what would crash, hang or fill the memory ends that process.
 * The mutations are the same in every run (test/support/fuzz.ts). `HESCHL_FUZZ=10000` takes ten thousand a reader, as every
 * reader was tried with; without it the first 2,500 of them are, and fewer where each file costs milliseconds.
 */
import { fork } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FuzzReport } from '../../support/fuzzChild.ts'
import { mutate, randomFrom } from '../../support/fuzz.ts'
import { fuzzReaders } from '../../support/fuzzReaders.ts'
import type { FuzzReaderName } from '../../support/fuzzReaders.ts'

const asked = process.env['HESCHL_FUZZ']
/** Mutations where nothing is asked for; of readers that make a decoder, or a study's whole report, for every file. */
const usual = 1500
const usualOf: Partial<Record<FuzzReaderName, number>> = {
  mp3: 1000,
  ogg: 1000,
  study: 2000,
  parquet: 2000,
  parquetMatrix: 2000,
  ...{ description: 250, sidecar: 250, events: 250, eventMeta: 250, exclusions: 250 },
  ...{ gentle: 1000, confounds: 1000, items: 1000, planted: 1000, labels: 1000, info: 1000 },
}
/** What is wrong in them is told as problems, or is not used. */
const alwaysRead: ReadonlySet<string> = new Set(['study', 'events'] satisfies FuzzReaderName[])
const runsOf = (name: FuzzReaderName) => (asked === undefined ? (usualOf[name] ?? usual) : Number(asked))
const seed = 20261123
/** Without news of a hundred files for so long, the reader hangs: they take a fraction of a second. */
const patience = 120_000
/** A process's resident memory grows by garbage that is not collected yet; an array of a lying size would be more. */
const mostGrowth = 512 * 1024 * 1024

const child = fileURLToPath(new URL('../../support/fuzzChild.ts', import.meta.url))

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-fuzz-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

function fuzz(name: FuzzReaderName): Promise<FuzzReport> {
  return new Promise((resolve, reject) => {
    let last: FuzzReport | undefined
    const args = [name, String(runsOf(name)), String(seed), folder]
    const reader = fork(child, args, {
      // One thread collects garbage: what readers leave is small, and threads that share it cost a quarter more.
      execArgv: ['--max-old-space-size=512', '--single-threaded-gc'],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    })
    const after = () => `within a hundred mutations after number ${last?.done ?? 0}`
    const hangs = () => {
      reader.kill('SIGKILL')
      reject(new Error(`${name} hangs ${after()}`))
    }
    let watch = setTimeout(hangs, patience)
    reader.on('message', (report: FuzzReport) => {
      last = report
      clearTimeout(watch)
      watch = setTimeout(hangs, patience)
    })
    reader.on('exit', (code, signal) => {
      clearTimeout(watch)
      if (code === 0 && last) resolve(last)
      else reject(new Error(`${name} ended with ${signal ?? code} ${after()}`))
    })
  })
}

describe.concurrent('mutated files are read or refused: no crash, no hang, no size believed', () => {
  test.each(Object.keys(fuzzReaders) as FuzzReaderName[])(
    '%s',
    async (name) => {
      const report = await fuzz(name)
      const { seconds, mutation } = report.slowest
      if (asked !== undefined)
        console.error(`${name}: ${seconds.toFixed(2)} s of CPU for mutation ${mutation}, the slowest`)
      expect(report.faults).toEqual([])
      expect(report.done).toBe(runsOf(name))
      // Both happen, or the mutations would test nothing; a study file is always read, as a study or as its problems.
      expect(report.read).toBeGreaterThan(0)
      if (!alwaysRead.has(name)) expect(Object.keys(report.refused)).not.toEqual([])
      expect(report.overAllowed).toBeLessThanOrEqual(0)
      expect(report.grown).toBeLessThan(mostGrowth)
    },
    1_200_000,
  )
})

test('mutations are the same for the same seed, and seldom leave a file as it is', () => {
  const seeds = fuzzReaders.safetensors.seeds()
  const made = (from: number) => {
    const random = randomFrom(from)
    return Array.from({ length: 200 }, () => mutate(seeds, random).toString('base64'))
  }
  expect(made(1)).toEqual(made(1))
  expect(made(1)).not.toEqual(made(2))
  const known = seeds.map((bytes) => bytes.toString('base64'))
  expect(made(1).filter((bytes) => known.includes(bytes)).length).toBeLessThan(20)
})
