/** Whole passes over real lengths of speech against transformers: see test/reference/activations/README.md. */
import { readdirSync, existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { describeModel, layersNamed, openModel } from '../../../src-main/activations/index.ts'
import type { Matrix32 } from '../../../src-main/linalg/matrix.ts'
import { loadSpeech } from '../../../src-main/stimuli/index.ts'
import { folderOf, readTensors } from './reference.ts'

const lengths = { short: [32_000, 38_400], middle: [32_000, 80_000], long: [0, 27 * 16_000] } as const
const models = readdirSync(folderOf('.')).filter((name) => existsSync(join(folderOf(name), 'speech.safetensors')))

let speech: Float32Array
beforeAll(async () => {
  const file = fileURLToPath(new URL('../../../resources/demo/stimuli/run-1.flac', import.meta.url))
  speech = await loadSpeech(file, () => {})
})

/** Ten frames at most, evenly, and the last: what generate_speech.py kept. */
function few({ data, rows, cols }: Matrix32): Float32Array {
  const step = Math.ceil(rows / 10)
  const kept = [...Array.from({ length: Math.ceil(rows / step) }, (_, i) => i * step), rows - 1]
  return Float32Array.from(kept.flatMap((row) => [...data.subarray(row * cols, (row + 1) * cols)]))
}

test('every family has three checkpoints or more', () => {
  const counts = new Map<string, number>()
  for (const name of models) {
    const family = /^(hubert|wavlm|data2vec-audio)/.exec(name)?.[0] ?? 'wav2vec2'
    counts.set(family, (counts.get(family) ?? 0) + 1)
  }
  expect(counts.size).toBe(4)
  expect(Math.min(...counts.values())).toBeGreaterThanOrEqual(3)
})

describe.each(models)('%s', (name) => {
  test.each(['short', 'middle', 'long'] as const)(
    '%s: every layer agrees with transformers to 1e-4 of its SD, the median to 1e-5',
    async (length) => {
      const expected = await readTensors(join(folderOf(name), 'speech.safetensors'))
      const source = { checkpoint: folderOf(name) }
      const layers = layersNamed(await describeModel(source), 'all')
      const [start, end] = lengths[length]
      // Norms over the recording are norms over the one window: both ways of computing have to agree.
      for (const norm of length === 'long' ? (['window'] as const) : (['window', 'recording'] as const)) {
        const model = await openModel(source, { layers, threads: 1, norm })
        const found = await model.run(speech.subarray(start, end))
        await model.close()
        expect([...found.keys()]).toEqual(layers)
        for (const [layer, activation] of found) {
          const { data } = expected.get(`${length}/${layer}`)!
          const sd = expected.get(`${length}/${layer}/sd`)!.data[0]
          const kept = few(activation)
          expect(kept.length).toBe(data.length)
          const differences = kept.map((value, i) => Math.abs(value - data[i]) / sd).sort()
          expect(differences[differences.length >> 1], `${norm} ${layer}, median`).toBeLessThan(1e-5)
          expect(differences.at(-1), `${norm} ${layer}`).toBeLessThan(1e-4)
        }
      }
    },
  )
})
