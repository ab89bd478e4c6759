/**
 * Seconds of audio per second through wav2vec 2.0, every layer out, against transformers on the same weights.
 *
 *   HESCHL_PYTHON=… node test/benchmark/activations.ts [--architecture wav2vec2-base] [--seconds 10] [--threads 2] [--repeat 5]
 *
 * The weights are random (seed 1), saved as a Hugging Face folder that both sides read; the audio is noise. Each side
 * runs in a process of its own, so that peak memory is its own, and gives every layer as float32 [frames, units].
 * The peer runs as well tuned as is known: passive OpenMP waits, large malloc thresholds, its default attention.
 * Without HESCHL_PYTHON (a Python with torch and transformers) the peer is left out, and the output says so.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { env } from 'onnxruntime-node'
import { generatorFor } from '../../src-main/activations/random.ts'
import { describeModel, openModel } from '../../src-main/activations/index.ts'
import { writeCheckpoint } from '../../src-main/activations/writeCheckpoint.ts'
import { readSafetensorsHeader, writeSafetensors } from '../../src-main/formats/safetensors.ts'

const { values } = parseArgs({
  options: {
    architecture: { type: 'string', default: 'wav2vec2-base' },
    seconds: { type: 'string', default: '10' },
    threads: { type: 'string', default: String(availableParallelism()) },
    repeat: { type: 'string', default: '5' },
    /** Set for the child processes. */
    child: { type: 'string' },
    folder: { type: 'string' },
  },
})

interface Measured {
  readonly toolkit: string
  readonly load: number
  /** Seconds of each repetition. */
  readonly seconds: readonly number[]
  readonly peakBytes: number
}

const threads = Number(values.threads)
const repeat = Number(values.repeat)

/** What a well-tuned run of torch sets. */
const peerSettings = {
  OMP_NUM_THREADS: values.threads,
  OMP_WAIT_POLICY: 'PASSIVE',
  MALLOC_MMAP_THRESHOLD_: '4294967296',
  MALLOC_TRIM_THRESHOLD_: '4294967296',
  MALLOC_TOP_PAD_: '268435456',
}

if (values.child === 'save') await writeCheckpoint(values.architecture, 1, values.folder!)
else if (values.child === 'heschl') console.log(JSON.stringify(await measure(values.folder!)))
else await compare()

async function measure(folder: string): Promise<Measured> {
  const samples = new Float32Array(new Uint8Array(readFileSync(join(folder, 'audio.f32'))).buffer)
  const begin = performance.now()
  const { layers } = await describeModel({ checkpoint: folder })
  const model = await openModel({ checkpoint: folder }, { layers: layers.map(({ name }) => name), threads })
  const load = (performance.now() - begin) / 1000
  const seconds: number[] = []
  let found = await model.run(samples)
  for (let i = 0; i < repeat; i++) {
    const start = performance.now()
    found = await model.run(samples)
    seconds.push((performance.now() - start) / 1000)
  }
  const peakBytes = process.resourceUsage().maxRSS * 1024
  await model.close()
  const tensors = [...found].map(([name, { data, rows, cols }]) => ({ name, shape: [rows, cols], read: () => data }))
  await writeSafetensors(join(folder, 'heschl.safetensors'), tensors)
  return {
    toolkit: `Heschl, onnxruntime ${env.versions.node ?? env.versions.common}, Node ${process.versions.node}`,
    load,
    seconds,
    peakBytes,
  }
}

async function compare(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-benchmark-'))
  try {
    const samples = Math.round(Number(values.seconds) * 16000)
    const next = generatorFor(1, 'audio')
    const audio = Float32Array.from({ length: samples }, () => 0.1 * (next() / 2 ** 31 - 1))
    writeFileSync(join(folder, 'audio.f32'), audio)
    child(process.execPath, [
      fileURLToPath(import.meta.url),
      '--child',
      'save',
      '--architecture',
      values.architecture,
      '--folder',
      folder,
    ])
    const own = ['--child', 'heschl', '--folder', folder, '--threads', values.threads, '--repeat', values.repeat]
    const rows: Measured[] = [JSON.parse(child(process.execPath, [fileURLToPath(import.meta.url), ...own])) as Measured]
    const python = process.env['HESCHL_PYTHON']
    if (python) {
      const script = fileURLToPath(new URL('activations.py', import.meta.url))
      rows.push(JSON.parse(child(python, [script, folder, values.threads, values.repeat], peerSettings)) as Measured)
    }
    console.log(
      `${values.architecture}, random weights, every layer out, ${values.seconds} s of audio, ${threads} threads`,
    )
    console.log(`${cpus()[0]?.model}, ${cpus().length} logical processors, ${process.platform} ${process.arch}`)
    console.table(rows.map(describe))
    if (python)
      console.log(`largest difference of a layer over its SD: ${(await largestDifference(folder)).toExponential(1)}`)
    else console.log('transformers left out: HESCHL_PYTHON names no Python with torch and transformers')
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function child(command: string, args: readonly string[], settings: Readonly<Record<string, string>> = {}): string {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
    maxBuffer: 1 << 26,
  })
  if (result.status !== 0) throw new Error(`${command} ended with ${result.status ?? result.signal}`)
  return result.stdout
}

function describe({ toolkit, load, seconds, peakBytes }: Measured) {
  const sorted = [...seconds].sort((a, b) => a - b)
  const rate = (s: number) => Number((Number(values.seconds) / s).toFixed(2))
  return {
    toolkit,
    'load, s': Number(load.toFixed(2)),
    'audio s/s, best': rate(sorted[0]),
    'audio s/s, median': rate(sorted[Math.floor(sorted.length / 2)]),
    'peak memory, MB': Math.round(peakBytes / 1e6),
  }
}

/** Over all layers: the largest absolute difference, divided by the standard deviation of the peer's layer. */
async function largestDifference(folder: string): Promise<number> {
  const [ours, theirs] = await Promise.all(
    ['heschl', 'peer'].map((name) => readLayers(join(folder, `${name}.safetensors`))),
  )
  let largest = 0
  for (const [name, expected] of theirs) {
    const found = ours.get(name)
    if (found?.length !== expected.length) throw new Error(`${name}: the two sides differ in shape`)
    const mean = expected.reduce((sum, x) => sum + x, 0) / expected.length
    const deviation = Math.sqrt(expected.reduce((sum, x) => sum + (x - mean) ** 2, 0) / expected.length)
    largest = expected.reduce((most, x, i) => Math.max(most, Math.abs(x - found[i]) / deviation), largest)
  }
  return largest
}

async function readLayers(file: string): Promise<Map<string, Float32Array>> {
  const bytes = new Uint8Array(readFileSync(file)).buffer
  const header = await readSafetensorsHeader(file)
  return new Map(
    [...header].map(([name, { offset, bytes: length }]) => [
      name,
      new Float32Array(bytes.slice(offset, offset + length)),
    ]),
  )
}
