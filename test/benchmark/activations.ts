/**
 * Speech models from audio to activations to regressors, against transformers and nilearn on the same weights.
 *
 *   HESCHL_PYTHON=… npm run bench -- activations [--models wav2vec2-base,wav2vec2-large,hubert-base] [--seconds 600]
 *       [--layers all] [--threads 2] [--repeat 3] [--windows 9] [--peer-units 8]
 *
 * The weights are random (seed 1), saved as a Hugging Face folder that both sides read; the audio is synthetic. Measured
 * for each model:
 *
 * - one 10 s window, every layer as float32 [frames, units] in memory: `--windows` times, ours and the peer's in turns;
 * - from the start of opening to the model open, and to the first window's activations; files are in the page cache;
 * - `--seconds` of audio into the regressors of `--layers`, 10 s windows every 5 s: `--repeat` times, in turns. Ours is
 *   the step of a study, from the audio file on. The peer's is inference, averaging of shared frames, and one nilearn
 *   call a unit, timed on `--peer-units` units of each layer and scaled to all. Ours also with norms over the recording,
 *   where windows share the convolutions' frames;
 * - the time of a window by part of the network (ONNX Runtime's profile of the fastest), and its share of what the same
 *   threads give a matrix product.
 *
 * Each side runs in processes of its own, for windows and for regressors. The peer runs as well tuned as is
 * known: passive OpenMP waits, large malloc thresholds, inference mode, the faster of its attentions (named in the table).
 * Without HESCHL_PYTHON (a Python with torch, transformers, nilearn and soundfile) the peer is left out.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { describeModel, layersNamed } from '../../src-main/activations/index.ts'
import { writeCheckpoint } from '../../src-main/activations/writeCheckpoint.ts'
import { babble, wavBytes } from '../support/smallStudy.ts'
import { differenceOfDesigns, differenceOfLayers } from './activations/differences.ts'
import { startLines } from './activations/lines.ts'
import type { Lines } from './activations/lines.ts'
import { answerLines } from './activations/own.ts'
import type { Parts } from './activations/parts.ts'
import { best, median, percent, ratio, row } from './activations/table.ts'

const { values } = parseArgs({
  options: {
    models: { type: 'string', default: 'wav2vec2-base,wav2vec2-large,hubert-base' },
    seconds: { type: 'string', default: '600' },
    layers: { type: 'string', default: 'all' },
    threads: { type: 'string', default: String(Math.min(2, availableParallelism())) },
    repeat: { type: 'string', default: '3' },
    windows: { type: 'string', default: '9' },
    'peer-units': { type: 'string', default: '8' },
    /** Set for the child processes. */
    child: { type: 'string' },
    folder: { type: 'string' },
  },
})
const option = (name: 'seconds' | 'threads' | 'repeat' | 'windows' | 'peer-units') => {
  const value = Number(values[name])
  if (!(Number.isInteger(value) && value > 0)) throw new Error(`--${name} must be a whole number above 0`)
  return value
}
const [seconds, threads, repeats] = [option('seconds'), option('threads'), option('repeat')]
const [windows, peerUnits] = [option('windows'), option('peer-units')]
if (seconds < 10 || seconds % 5 !== 0) throw new Error('--seconds must be a multiple of 5 from 10 on')
const script = fileURLToPath(import.meta.url)
const tr = 2
const volumes = Math.ceil(seconds / tr) + 5
const oversampling = 16

interface Loaded {
  readonly toolkit: string
  readonly open: number
  readonly first: number
  readonly attention?: string
}
interface Timed {
  readonly seconds: number
  readonly peakBytes: number
}
interface PeerDesign {
  readonly inference: number
  readonly averaging: number
  readonly regressors: number
  readonly peakBytes: number
}

if (values.child === 'own') await answerLines(values.folder!, threads)
else if (values.child === 'save') await writeCheckpoint(values.models, 1, values.folder!)
else {
  console.log(`${cpus()[0]?.model.trim()}, ${cpus().length} logical processors, ${process.platform} ${process.arch}`)
  console.log(`${threads} threads; ${seconds} s of audio; random weights; TR ${tr} s, oversampling ${oversampling}`)
  if (process.env['HESCHL_PYTHON'] === undefined) console.log('The peer is left out: HESCHL_PYTHON is not set')
  for (const model of values.models.split(',')) await report(model)
}

async function report(architecture: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-benchmark-'))
  try {
    writeFileSync(join(folder, 'audio.wav'), wavBytes([babble(seconds, 16_000, 1)], 16_000))
    await saved(architecture, folder)
    console.log(`\n## ${architecture}\n`)
    await reportWindows(folder)
    await reportDesigns(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A process of its own: drawing the weights takes memory that is not to be counted. */
async function saved(architecture: string, folder: string): Promise<void> {
  const child = startLines(process.execPath, [script, '--child', 'save', '--models', architecture, '--folder', folder])
  await child.ended
}

function startOwn(folder: string): Lines {
  return startLines(process.execPath, [script, '--child', 'own', '--folder', folder, '--threads', values.threads])
}

/** As a well-tuned run of torch sets them. */
function startPeer(folder: string): Lines | undefined {
  const python = process.env['HESCHL_PYTHON']
  if (python === undefined) return undefined
  return startLines(python, [fileURLToPath(new URL('activations/peer.py', import.meta.url)), folder, values.threads], {
    OMP_NUM_THREADS: values.threads,
    OMP_WAIT_POLICY: 'PASSIVE',
    MALLOC_MMAP_THRESHOLD_: '4294967296',
    MALLOC_TRIM_THRESHOLD_: '4294967296',
    MALLOC_TOP_PAD_: '268435456',
  })
}

async function reportWindows(folder: string): Promise<void> {
  const own = startOwn(folder)
  const peer = startPeer(folder)
  const sides = peer ? [own, peer] : [own]
  const loaded: Loaded[] = []
  for (const side of sides) loaded.push(await side.ask<Loaded>({ do: 'load' }))
  const times: number[][] = sides.map(() => [])
  const peaks: number[] = []
  for (let i = 0; i < windows; i++) {
    for (const [s, side] of sides.entries()) {
      const { seconds: taken, peakBytes } = await side.ask<Timed>({ do: 'window' })
      times[s].push(taken)
      peaks[s] = peakBytes
    }
  }
  console.log('One 10 s window, every layer out; difference: largest of a layer, in its SDs\n')
  console.log('| toolkit | open, s | to the first window, s | audio s/s, best | median | peak, MB | difference |')
  console.log('| --- | --- | --- | --- | --- | --- | --- |')
  for (const side of sides) await side.ask({ do: 'save' })
  for (const [s, { toolkit, attention, open, first }] of loaded.entries()) {
    const difference =
      s === 0
        ? ''
        : (
            await differenceOfLayers(join(folder, 'heschl.safetensors'), join(folder, 'peer.safetensors'))
          ).toExponential(1)
    row(
      attention === undefined ? toolkit : `${toolkit}, ${attention} attention`,
      open.toFixed(2),
      first.toFixed(2),
      (10 / best(times[s])).toFixed(1),
      (10 / median(times[s])).toFixed(1),
      (peaks[s] / 1e6).toFixed(0),
      difference,
    )
  }
  if (peer) ratio('Every layer out', times[1], times[0])
  peer?.close()
  await reportParts(own)
  own.close()
}

async function reportParts(own: Lines): Promise<void> {
  const { parts, flops } = await own.ask<Parts>({ do: 'parts', repeats: windows })
  const { gflops } = await own.ask<{ readonly gflops: number }>({ do: 'peak' })
  const total = Object.values(parts).reduce((sum, part) => sum + part, 0)
  console.log('\n| part of the network | ms | share |')
  console.log('| --- | --- | --- |')
  for (const [name, part] of Object.entries(parts)) row(name, (1000 * part).toFixed(1), percent(part / total))
  row('all nodes', (1000 * total).toFixed(1), '')
  const achieved = flops / total / 1e9
  console.log(
    `\n${(flops / 1e9).toFixed(1)} GFLOP a window at ${achieved.toFixed(0)} GFLOP/s, ${percent(achieved / gflops)} of ` +
      `the fastest matrix product on as many threads (${gflops.toFixed(0)} GFLOP/s)`,
  )
}

async function reportDesigns(folder: string): Promise<void> {
  const norms = ['window', 'recording'] as const
  const own = norms.map(() => startOwn(folder))
  const peer = startPeer(folder)
  const description = await describeModel({ checkpoint: folder })
  const choice = values.layers === 'lpp' || values.layers === 'all' ? values.layers : values.layers.split(',')
  // The peer's list of hidden states does not have what comes after a last norm.
  const names = layersNamed(description, choice).filter((name) => !name.endsWith('.norm'))
  const infos = names.map((name) => description.layers.find((layer) => layer.name === name)!)
  const asked = { do: 'design', tr, volumes }
  const peerAsked = {
    ...{ ...asked, names, oversampling, sample: peerUnits },
    ...{ hops: infos.map(({ hop }) => hop), receptive_fields: infos.map(({ receptiveField }) => receptiveField) },
  }
  await peer?.ask({ do: 'load' })
  const ours: Timed[][] = norms.map(() => [])
  const theirs: PeerDesign[] = []
  for (let i = 0; i < repeats; i++) {
    for (const [n, norm] of norms.entries()) {
      ours[n].push(await own[n].ask<Timed>({ ...asked, layers: names, norm }))
    }
    if (peer) theirs.push(await peer.ask<PeerDesign>(peerAsked))
  }
  for (const side of own) side.close()
  peer?.close()
  const units = infos.reduce((sum, layer) => sum + layer.units, 0)
  console.log(`\n${seconds} s into the regressors of ${names.length} layers, ${units} units, ${volumes} volumes\n`)
  console.log('| | seconds, best | median | audio s/s, best | median | peak, MB |')
  console.log('| --- | --- | --- | --- | --- | --- |')
  const line = (name: string, times: readonly number[], peaks: readonly { readonly peakBytes: number }[]) => {
    const rate = (taken: number) => (seconds / taken).toFixed(2)
    const peak = Math.max(...peaks.map(({ peakBytes }) => peakBytes))
    const cells = [best(times).toFixed(1), median(times).toFixed(1), rate(best(times)), rate(median(times))]
    row(name, ...cells, (peak / 1e6).toFixed(0))
  }
  const times = ours.map((timed) => timed.map(({ seconds: taken }) => taken))
  for (const [n, norm] of norms.entries()) line(`Heschl, audio file to regressors, norm: ${norm}`, times[n], ours[n])
  if (!peer) return
  const inference = theirs.map((timed) => timed.inference)
  const whole = theirs.map((timed) => timed.inference + timed.averaging + timed.regressors)
  line('transformers, inference alone', inference, theirs)
  line(
    `with shared frames averaged and nilearn's regressors (${peerUnits} units a layer, scaled to all)`,
    whole,
    theirs,
  )
  ratio('Into the regressors, against inference alone', inference, times[0])
  ratio('Into the regressors, against all of it', whole, times[0])
  ratio('Into the regressors with norm: recording, against inference alone', inference, times[1])
  const file = (side: string) => join(folder, `${side}.design.safetensors`)
  for (const norm of norms) {
    const difference = await differenceOfDesigns(file(norm), file('peer'), peerUnits)
    console.log(`\nLargest difference of a regressor, norm: ${norm}, in its SDs: ${difference.toExponential(1)}`)
  }
  console.log("\n(norm: recording is another definition than the peer's, whose norms are each window's own.)")
}
