/**
 * Peak memory and speed for one hour of audio through wav2vec2-base (random weights) into design matrices, with the
 * papers' 10 s windows and 5 s stride. The audio is synthetic. `--minutes 5` for a quick look, `--layers all` for more.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { Computer } from '../../src-main/pipeline/computer.ts'
import { describeModel, layersNamed } from '../../src-main/activations/index.ts'
import { resolveEncoding } from '../../src-main/study/encoding.ts'
import { babble, wavBytes } from '../support/smallStudy.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '60' },
    layers: { type: 'string', default: 'lpp' },
    architecture: { type: 'string', default: 'wav2vec2-base' },
    threads: { type: 'string', default: '2' },
  },
})
const minutes = Number(values.minutes)
const source = { architecture: values.architecture, seed: 1 }
const layers = layersNamed(await describeModel(source), values.layers as 'lpp' | 'all')
const folder = mkdtempSync(join(tmpdir(), 'heschl-hour-'))
try {
  const audio = join(folder, 'audio.wav')
  writeFileSync(audio, wavBytes([babble(minutes * 60, 16_000, 1)], 16_000))
  const computer = new Computer({ threads: Number(values.threads), responseBytes: 1e8 })
  const run = { stimulus: 'audio', tr: 2, volumes: minutes * 30 + 10, start: 0 }
  const began = performance.now()
  let told = 0
  await computer.run(
    {
      kind: 'design',
      space: { kind: 'model', source, layers, provider: 'cpu' },
      audio,
      run,
      encoding: resolveEncoding({ preset: 'standard' }),
    },
    {
      cancelled: () => false,
      progress: ({ fraction, rate }) => {
        if (fraction < told) return
        told = fraction + 0.1
        const rss = process.memoryUsage.rss() / 1e9
        console.error(`${Math.round(fraction * 100)} %, ${rate}, ${rss.toFixed(2)} GB resident`)
      },
    },
  )
  const seconds = (performance.now() - began) / 1000
  console.log(
    JSON.stringify({
      benchmark: 'hour',
      machine: `${cpus()[0]?.model.trim()}, ${availableParallelism()} cores`,
      node: process.versions.node,
      architecture: values.architecture,
      layers: layers.length,
      audioMinutes: minutes,
      seconds: Math.round(seconds),
      secondsOfAudioPerSecond: Number(((minutes * 60) / seconds).toFixed(2)),
      peakMemoryGB: Number(((process.resourceUsage().maxRSS * 1024) / 1e9).toFixed(2)),
    }),
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
