/**
 * The main job on real speech and the real fsaverage5, where the shared data are. Responses are made here: some
 * vertices follow units of a layer, all others are noise, so that the scores to expect are known.
 */
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import type { Job } from '../../../src-main/contract/study.ts'
import { writeNpy } from '../../../src-main/formats/npy.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import { Computer } from '../../../src-main/pipeline/computer.ts'
import { resolveEncoding } from '../../../src-main/study/encoding.ts'
import { smoothNoise } from '../../support/smallStudy.ts'

const data = resolve('../shared/data')
const available = existsSync(join(data, 'speech')) && existsSync(join(data, 'fsaverage5'))
const reason = available ? '' : ' (skipped: ../shared/data is not here)'

test.skipIf(!available)(`LibriSpeech on fsaverage5: planted vertices are found, others are not${reason}`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-real-'))
  const utterances = readdirSync(join(data, 'speech')).filter((name) => name.endsWith('.flac'))
  const computer = new Computer({ threads: 1, responseBytes: 1e8 })
  const encoding = resolveEncoding({ preset: 'standard', folds: 5 })
  const vertices = 20_484
  const tr = 1
  const planted = 50
  const lines = ['heschl: 1', 'name: Real speech', `surface: ${JSON.stringify(join(data, 'fsaverage5'))}`, 'stimuli:']
  const recordings: string[] = []
  for (const [i, name] of utterances.entries()) {
    const audio = join(data, 'speech', name)
    const run = { stimulus: `u${i}`, tr, volumes: 40, start: 4 }
    const source = { architecture: 'wav2vec2-demo', seed: 3 }
    const space = { kind: 'model' as const, source, layers: ['transf2'], provider: 'cpu' as const }
    const design = await computer.run(
      { kind: 'design', space, audio, run, encoding },
      { progress: () => undefined, cancelled: () => false },
    )
    const { data: x, shape } = design.arrays[0]
    expect(shape).toEqual([40, 160])
    const y = smoothNoise(40, vertices, i)
    // Vertex v follows unit v of the layer, z-scored within the run as the fit does it.
    for (let v = 0; v < planted; v++) {
      const column = Float64Array.from({ length: 40 }, (_, t) => x[t * 160 + v])
      const mean = column.reduce((a, b) => a + b, 0) / 40
      const sd = Math.sqrt(column.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 40)
      for (let t = 0; t < 40; t++) y[t * vertices + v] = (column[t] - mean) / sd + 0.1 * y[t * vertices + v]
    }
    await writeNpy(join(folder, `u${i}.npy`), { shape: [40, vertices], data: y })
    lines.push(`  - {id: u${i}, audio: ${JSON.stringify(audio)}}`)
    recordings.push(`      - {stimulus: u${i}, data: u${i}.npy, tr: ${tr}, start: 4}`)
  }
  lines.push('subjects:', '  - id: sub-01', '    simulated: true', '    recordings:', ...recordings)
  lines.push('models:', '  - {id: w2v, regime: untrained, architecture: wav2vec2-demo, seed: 3, layers: [transf2]}')
  lines.push('encoding: {preset: standard, folds: 5}', '')
  const path = join(folder, 'study.yaml')
  writeFileSync(path, lines.join('\n'))

  const engine = await startEngine({ spawn: 'child_process' })
  try {
    expect(await engine.call('validateStudy', { path })).toEqual([])
    const job = await engine.call('run', { study: path })
    await expect
      .poll(async () => (await engine.call('jobs', {})).find(({ id }) => id === job.id), { timeout: 60_000 })
      .toMatchObject({ state: 'done' } satisfies Partial<Job>)
    await engine.call('openStudy', { path })
    const map = await engine.call('scoreMap', { study: path, subject: 'sub-01', model: 'w2v', layer: 'transf2' })
    expect(map.left).toHaveLength(10_242)
    const mean = (values: Float32Array) => values.reduce((a, b) => a + b, 0) / values.length
    expect(mean(map.left.subarray(0, planted))).toBeGreaterThan(0.8)
    expect(Math.abs(mean(map.left.subarray(planted)))).toBeLessThan(0.05)
    expect(Math.abs(mean(map.right))).toBeLessThan(0.05)
  } finally {
    await engine.close()
    rmSync(folder, { recursive: true, force: true })
  }
})
