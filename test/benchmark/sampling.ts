/**
 * Volumes on a surface beside nilearn's `vol_to_surf`: both hemispheres of fsaverage5 between pial and white (10 points a
 * vertex), a gzipped run in MNI space on the grid of Le Petit Prince (73 x 90 x 74 voxels of 2 mm), from the file to
 * [volumes, vertices]. Each in a process of its own, whose peak memory is printed with its seconds. The run is synthetic
 * (noise of 12 bits); FOLDER holds pial_left.gii.gz, white_left.gii.gz, pial_right.gii.gz and white_right.gii.gz.
 *
 *   HESCHL_PYTHON=…/python npm run bench -- sampling FOLDER --volumes 300
 */
import { execFileSync } from 'node:child_process'
import { createReadStream, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { writeFileAtomic } from '../../src-main/formats/atomic.ts'
import { packedAsNamed } from '../../src-main/formats/gzipped.ts'
import { writeNifti } from '../../src-main/formats/niftiWrite.ts'
import { seededRandom } from '../../src-main/linalg/random.ts'
import { samplingDefaults } from '../../src-main/surfaces/sampling/locations.ts'
import { openSampler, sampleRun, volumeShape } from '../../src-main/surfaces/sampling/volumeRun.ts'

const { values, positionals } = parseArgs({
  options: { volumes: { type: 'string', default: '300' }, made: { type: 'string' } },
  allowPositionals: true,
})
const [surfaces = '../shared/data/fsaverage5'] = positionals
const shape = [73, 90, 74] as const

interface Measured {
  /** To find what each vertex is made of, where that is a step of its own; and for all of it. */
  readonly seconds: number
  readonly megabytes: number
  readonly versions: string
}

if (values.made !== undefined) await measure(values.made)
else await compare()

async function measure(made: string): Promise<void> {
  const file = join(made, 'run.nii.gz')
  const began = performance.now()
  const { volumes, grid } = await volumeShape(file)
  const sides = (['left', 'right'] as const).map((side) => ({
    side,
    outer: join(surfaces, `pial_${side}.gii.gz`),
    inner: join(surfaces, `white_${side}.gii.gz`),
  }))
  const sampler = await openSampler(sides, { grid, file }, samplingDefaults)
  const weights = (performance.now() - began) / 1000
  const { data } = await sampleRun(file, volumes, sampler, { from: 0, to: sampler.vertices })
  const seconds = (performance.now() - began) / 1000
  const [, kilobytes] = existsSync('/proc/self/status')
    ? (/VmHWM:\s+(\d+)/.exec(readFileSync('/proc/self/status', 'utf8')) ?? [])
    : []
  writeFileSync(join(made, 'heschl.f32'), data)
  const versions = `Heschl (weights ${weights.toFixed(2)} s of it), Node ${process.versions.node}`
  console.log(JSON.stringify({ seconds, megabytes: Number(kilobytes) / 1024, versions } satisfies Measured))
}

async function compare(): Promise<void> {
  const made = mkdtempSync(join(tmpdir(), 'heschl-sampling-'))
  try {
    await writeRun(made)
    // Neither waits for the disk.
    for await (const piece of createReadStream(join(made, 'run.nii.gz'))) void piece
    const run = (command: string, args: readonly string[]) =>
      JSON.parse(execFileSync(command, args, { encoding: 'utf8' })) as Measured
    const line = ({ seconds, megabytes, versions }: Measured) =>
      `${versions}: ${seconds.toFixed(2)} s, peak ${megabytes.toFixed(0)} MB`
    const folder = resolve(surfaces)
    const ours = run(process.execPath, [fileURLToPath(import.meta.url), folder, '--made', made])
    console.log(
      `${values.volumes} volumes of ${shape.join(' x ')} on ${folder}; ${cpus()[0]?.model ?? ''}, ${cpus().length} threads`,
    )
    console.log(line(ours))
    const python = process.env['HESCHL_PYTHON']
    if (!python) return console.log('HESCHL_PYTHON is not set: Heschl alone')
    const script = fileURLToPath(new URL('peers/sampling.py', import.meta.url))
    const peer = run(python, [script, folder, made])
    console.log(line(peer))
    console.log(
      `ratio ${(peer.seconds / ours.seconds).toFixed(1)}; largest difference ${difference(made)} of the largest value`,
    )
  } finally {
    rmSync(made, { recursive: true, force: true })
  }
}

function difference(made: string): string {
  const [ours, theirs] = ['heschl.f32', 'nilearn.f32'].map((name) => {
    const bytes = readFileSync(join(made, name))
    return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4)
  })
  if (ours.length !== theirs.length) throw new Error('other sizes')
  let [most, largest] = [0, 0]
  for (const [i, value] of ours.entries()) {
    if (Number.isNaN(value) !== Number.isNaN(theirs[i])) throw new Error(`NaN at ${i} of one alone`)
    if (Number.isNaN(value)) continue
    most = Math.max(most, Math.abs(value - theirs[i]))
    largest = Math.max(largest, Math.abs(theirs[i]))
  }
  return (most / largest).toExponential(1)
}

async function writeRun(to: string): Promise<void> {
  const { normal } = seededRandom(1)
  const voxels = shape[0] * shape[1] * shape[2]
  const affine = Float64Array.from([2, 0, 0, -72, 0, 2, 0, -106, 0, 0, 2, -64, 0, 0, 0, 1])
  const noise = Int16Array.from({ length: 1 << 20 }, () => Math.round(8000 + 600 * normal()))
  const volumes = Number(values.volumes)
  await writeNifti(join(to, 'one.nii'), { shape: [...shape, 1], data: new Int16Array(voxels), affine, tr: 2 })
  const header = readFileSync(join(to, 'one.nii')).subarray(0, 352)
  header.writeInt16LE(volumes, 48)
  function* pieces(): Generator<Uint8Array> {
    yield header
    const volume = new Int16Array(voxels)
    for (let t = 0; t < volumes; t++) {
      for (let v = 0; v < voxels; v++) volume[v] = noise[(v + t * 7919) & (noise.length - 1)]
      yield new Uint8Array(volume.slice().buffer)
    }
  }
  await writeFileAtomic(join(to, 'run.nii.gz'), packedAsNamed('run.nii.gz', pieces()))
}
