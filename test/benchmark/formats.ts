/**
 * Reading beside nibabel: a GIFTI run of 10,242 vertices and 300 volumes (gzipped Base64), and the voxels of a mask in a
 * NIfTI run of 2 GB, plain and gzipped. Each reads in a process of its own, whose peak memory is printed with its seconds.
 * The files are synthetic (noise of 12 bits within a ball, zeros around it) and lie in a temporary folder, or in that of
 * `--folder`, where they are kept for the next time.
 *
 *   HESCHL_PYTHON=…/python npm run bench -- formats --gigabytes 2
 */
import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeFileAtomic } from '../../src-main/formats/atomic.ts'
import { readGiftiFunctional } from '../../src-main/formats/gifti.ts'
import { giftiFunctional, writeGifti } from '../../src-main/formats/giftiWrite.ts'
import { packedAsNamed } from '../../src-main/formats/gzipped.ts'
import { niftiFrames, readNiftiHeader, readNiftiValues, readNiftiVolumes } from '../../src-main/formats/nifti.ts'
import { writeNifti } from '../../src-main/formats/niftiWrite.ts'
import { seededRandom } from '../../src-main/linalg/random.ts'

const { values, positionals } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '2' },
    runs: { type: 'string', default: '5' },
    folder: { type: 'string' },
  },
  allowPositionals: true,
})
const [task, folder] = positionals
const shape = [91, 109, 91]
const voxels = shape[0] * shape[1] * shape[2]

interface Measured {
  readonly seconds: number
  readonly first: number
  readonly megabytes: number
  readonly sum: number
}

if (task !== undefined && folder !== undefined) console.log(JSON.stringify(await measured(task, folder)))
else await compare()

/** One task, in this process. */
async function measured(name: string, from: string): Promise<Measured> {
  const at = (file: string) => join(from, file)
  const seconds: number[] = []
  let sum = 0
  for (let run = 0; run < (name === 'gifti' ? Number(values.runs) : 1); run++) {
    const began = performance.now()
    const { data } =
      name === 'gifti' ? await readGiftiFunctional(at('run.func.gii')) : await masked(at(name), at('mask.nii'))
    seconds.push((performance.now() - began) / 1000)
    sum = data.reduce((total, value) => total + value, 0)
  }
  const [, kilobytes] = existsSync('/proc/self/status')
    ? (/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [])
    : []
  const sorted = seconds.toSorted((a, b) => a - b)
  return { seconds: sorted[sorted.length >> 1], first: seconds[0], megabytes: Number(kilobytes) / 1024, sum }
}

/** The run's values within the mask, float32 [volumes, voxels in the mask]. */
async function masked(path: string, mask: string) {
  const { data } = await readNiftiVolumes(mask)
  const wanted = Int32Array.from(data.keys().filter((voxel) => data[voxel] !== 0))
  return readNiftiValues(path, wanted, 0, niftiFrames(await readNiftiHeader(path)).frames)
}

async function compare(): Promise<void> {
  const made = values.folder ?? mkdtempSync(join(tmpdir(), 'heschl-formats-'))
  try {
    if (!existsSync(join(made, 'run.nii.gz'))) await writeInputs(made)
    const python = process.env['HESCHL_PYTHON']
    if (!python) console.log('HESCHL_PYTHON is not set: Heschl alone')
    const script = fileURLToPath(new URL('peers/formats.py', import.meta.url))
    for (const name of ['gifti', 'run.nii', 'run.nii.gz']) {
      const read = (command: string, args: readonly string[]) =>
        JSON.parse(execFileSync(command, args, { encoding: 'utf8' })) as Measured & { versions?: string }
      // Neither waits for the disk: the file is in the system's cache before the first of them reads it
      if (name !== 'gifti') for await (const piece of createReadStream(join(made, name))) void piece
      const ours = read(process.execPath, [fileURLToPath(import.meta.url), '--runs', values.runs, name, made])
      const peer = python ? read(python, [script, name, made, values.runs]) : undefined
      if (peer && Math.abs(peer.sum - ours.sum) > 1e-9 * Math.abs(ours.sum)) throw new Error(`${name}: other numbers`)
      const line = (of: Measured) =>
        `${of.seconds.toFixed(3)} s (first ${of.first.toFixed(3)} s), peak ${of.megabytes.toFixed(0)} MB`
      console.log(`${name}: Heschl ${line(ours)}`)
      if (peer) console.log(`  ${peer.versions}: ${line(peer)}; ratio ${(peer.seconds / ours.seconds).toFixed(1)}`)
    }
  } finally {
    if (values.folder === undefined) rmSync(made, { recursive: true, force: true })
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
