/**
 * Reading beside nibabel: a GIFTI run of 10,242 vertices and 300 volumes (gzipped Base64), the voxels of a mask in a NIfTI
 * run of 2 GB, plain and gzipped, and their means over volumes without the run in memory. Heschl and nibabel take turns,
 * each in one process for all of its reads of a kind, so that both see the same minutes of the machine. Medians, first
 * reads, and the peak memory of the process are printed. The files are synthetic (noise of 12 bits within a ball, zeros
 * around it) and lie in a temporary folder, or in that of `--folder`, where they are kept for the next time.
 *
 *   HESCHL_PYTHON=…/python npm run bench -- formats --gigabytes 2 --only gifti
 */
import { spawn } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeFileAtomic } from '../../src-main/formats/atomic.ts'
import { readGiftiFunctional } from '../../src-main/formats/gifti.ts'
import { giftiFunctional, writeGifti } from '../../src-main/formats/giftiWrite.ts'
import { packedAsNamed } from '../../src-main/formats/gzipped.ts'
import { eachNiftiBlock, readNiftiValues, readNiftiVolumes } from '../../src-main/formats/nifti.ts'
import { writeNifti } from '../../src-main/formats/niftiWrite.ts'
import { seededRandom } from '../../src-main/linalg/random.ts'

const { values, positionals } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '2' },
    runs: { type: 'string' },
    only: { type: 'string' },
    folder: { type: 'string' },
  },
  allowPositionals: true,
})
const [folder] = positionals
const shape = [91, 109, 91]
const voxels = shape[0] * shape[1] * shape[2]

interface Measured {
  readonly seconds: number
  readonly megabytes: number
  readonly sum: number
  readonly versions?: string
}

/** What is read of which file how often, and nibabel's ways to it. */
const tasks = {
  gifti: { file: 'run.func.gii', runs: 25, ways: ['gifti'] },
  masked: { file: 'run.nii', runs: 9, ways: ['masked, slices', 'masked, mapped'] },
  // Of 9 GB and more in memory
  ordinary: { file: 'run.nii', runs: 3, ways: ['masked, whole', 'masked, nilearn'] },
  mean: { file: 'run.nii', runs: 9, ways: ['mean, slices', 'mean, mapped'] },
  gzipped: { file: 'run.nii.gz', runs: 3, ways: ['masked, slices', 'masked, mapped'] },
} as const
type Task = keyof typeof tasks

if (folder === undefined) await compare()
else
  for await (const line of createInterface(process.stdin)) {
    const [task, file] = line.split('\t') as [Task, string]
    console.log(JSON.stringify(await measured(task, join(folder, file), join(folder, 'mask.nii'))))
    // What was read is gone before the next read, as Python's is
    ;(globalThis as { gc?: () => void }).gc?.()
  }

/** One task, in this process. */
async function measured(task: Task, file: string, mask: string): Promise<Measured> {
  const began = performance.now()
  const data = await (task === 'gifti' ? gifti : task === 'mean' ? mean : masked)(file, mask)
  const seconds = (performance.now() - began) / 1000
  const [, kilobytes] = existsSync('/proc/self/status')
    ? (/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [])
    : []
  let sum = 0
  for (const value of data) sum += value
  return { seconds, megabytes: Number(kilobytes) / 1024, sum }
}

async function gifti(file: string): Promise<Float32Array> {
  return (await readGiftiFunctional(file)).data
}

async function voxelsOf(mask: string): Promise<Int32Array> {
  const { data } = await readNiftiVolumes(mask)
  return Int32Array.from(data.keys().filter((voxel) => data[voxel] !== 0))
}

/** The run's values within the mask, float32 [volumes, voxels in the mask]. */
async function masked(file: string, mask: string): Promise<Float32Array> {
  return (await readNiftiValues(file, await voxelsOf(mask))).data
}

async function mean(file: string, mask: string): Promise<Float64Array> {
  const wanted = await voxelsOf(mask)
  const out = new Float64Array(wanted.length)
  let count = 0
  await eachNiftiBlock(file, wanted, ({ data, rows, cols }) => {
    for (let row = 0; row < rows; row++) for (let col = 0; col < cols; col++) out[col] += data[row * cols + col]
    count += rows
  })
  return out.map((sum) => sum / count)
}

/** A process that is asked for one task after the other. */
function reader(command: string, args: readonly string[]) {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return {
    async read(way: string, file: string): Promise<Measured> {
      child.stdin.write(`${way}\t${file}\n`)
      const { value } = await lines.next()
      if (value === undefined) throw new Error(`${command} ended`)
      return JSON.parse(value) as Measured
    },
    close: () => child.stdin.end(),
  }
}

async function compare(): Promise<void> {
  const made = values.folder ?? mkdtempSync(join(tmpdir(), 'heschl-formats-'))
  const python = process.env['HESCHL_PYTHON']
  if (!python) console.log('HESCHL_PYTHON is not set: Heschl alone')
  const script = fileURLToPath(new URL('peers/formats.py', import.meta.url))
  try {
    if (!existsSync(join(made, 'run.nii.gz'))) await writeInputs(made)
    for (const [task, { file, runs, ways }] of Object.entries(tasks)) {
      if (values.only !== undefined && values.only !== task) continue
      // Nobody waits for the disk: the file is in the system's cache before the first of them reads it
      for await (const piece of createReadStream(join(made, file))) void piece
      const readers = [
        {
          name: 'Heschl',
          way: task,
          ...reader(process.execPath, ['--expose-gc', fileURLToPath(import.meta.url), made]),
        },
        ...(python ? ways.map((way) => ({ name: `nibabel, ${way}`, way, ...reader(python, [script, made]) })) : []),
      ]
      const found: Measured[][] = readers.map(() => [])
      for (let run = 0; run < Number(values.runs ?? runs); run++)
        for (const [i, { read, way }] of readers.entries()) found[i].push(await read(way, file))
      for (const { close } of readers) close()
      report(task, readers, found)
    }
  } finally {
    if (values.folder === undefined) rmSync(made, { recursive: true, force: true })
  }
}

function report(task: string, readers: readonly { readonly name: string }[], found: readonly Measured[][]): void {
  const [ours] = found.map((runs) => runs[0])
  const medians = found.map((runs) => runs.map(({ seconds }) => seconds).toSorted((a, b) => a - b)[runs.length >> 1])
  console.log(`${task}, median of ${found[0].length} reads in turns (${found.at(-1)![0].versions ?? 'no peer'})`)
  for (const [i, { name }] of readers.entries()) {
    const { sum, seconds } = found[i][0]
    if (Math.abs(sum - ours.sum) > 1e-9 * Math.abs(ours.sum)) throw new Error(`${name}: other numbers`)
    const peak = Math.max(...found[i].map(({ megabytes }) => megabytes))
    const range = found[i].map((run) => run.seconds)
    console.log(
      `  ${name}: ${medians[i].toFixed(3)} s (${Math.min(...range).toFixed(3)} to ${Math.max(...range).toFixed(3)}, ` +
        `first ${seconds.toFixed(3)}), peak ${peak.toFixed(0)} MB` +
        (i > 0 ? `; ${(medians[i] / medians[0]).toFixed(1)} times Heschl’s` : ''),
    )
  }
}

async function writeInputs(to: string): Promise<void> {
  const { normal } = seededRandom(1)
  const run = Float32Array.from({ length: 300 * 10_242 }, () => 10_000 + 100 * normal())
  await writeGifti(join(to, 'run.func.gii'), giftiFunctional({ data: run, rows: 300, cols: 10_242 }, 2))
  const inside = Uint8Array.from({ length: voxels }, (_, voxel) => {
    const [x, y, z] = [voxel % 91, Math.floor(voxel / 91) % 109, Math.floor(voxel / (91 * 109))]
    return Math.hypot(x - 45, y - 54, z - 45) < 38 ? 1 : 0
  })
  const affine = Float64Array.from([-2, 0, 0, 90, 0, 2, 0, -126, 0, 0, 2, -72, 0, 0, 0, 1])
  await writeNifti(join(to, 'mask.nii'), { shape, data: inside, affine })
  const volumes = Math.max(1, Math.floor((Number(values.gigabytes) * 1e9) / (2 * voxels)))
  const noise = Int16Array.from({ length: 1 << 20 }, () => Math.round(8000 + 600 * normal()))
  // One volume is written as it should be, and its header has the number of them
  const one = { shape: [...shape, 1], data: new Int16Array(voxels), affine, tr: 2 }
  await writeNifti(join(to, 'one.nii'), one)
  const header = readFileSync(join(to, 'one.nii')).subarray(0, 352)
  header.writeInt16LE(volumes, 48)
  function* pieces(): Generator<Uint8Array> {
    yield header
    const volume = new Int16Array(voxels)
    for (let t = 0; t < volumes; t++) {
      for (let v = 0; v < voxels; v++) volume[v] = inside[v] * noise[(v + t * 7919) & (noise.length - 1)]
      yield new Uint8Array(volume.slice().buffer)
    }
  }
  for (const name of ['run.nii', 'run.nii.gz']) await writeFileAtomic(join(to, name), packedAsNamed(name, pieces()))
}
