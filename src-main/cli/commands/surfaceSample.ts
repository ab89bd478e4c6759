/** `surface sample` and `surface resample`: volumes at the vertices of a hemisphere, and maps on another mesh. */
import { basename } from 'node:path'
import { HeschlError } from '../../errors.ts'
import { readSphereMesh } from '../../surfaces/hemisphere.ts'
import { checkMapName, readMapFile, writeMapFile } from '../../surfaces/mapFile.ts'
import { samplingDefaults } from '../../surfaces/sampling/locations.ts'
import type { SampleKind } from '../../surfaces/sampling/locations.ts'
import { resampleMaps } from '../../surfaces/sampling/spheres.ts'
import type { ResampleMethod } from '../../surfaces/sampling/spheres.ts'
import { openSampler, sampleRun, volumeShape } from '../../surfaces/sampling/volumeRun.ts'
import type { Side } from '../../surfaces/types.ts'
import { counted } from '../format.ts'
import type { Output } from '../output.ts'
import { ownWork } from '../ownWork.ts'

export interface SampleOptions {
  readonly volume: string
  readonly pial: string
  readonly white?: string
  readonly kind?: SampleKind
  readonly interpolation: 'linear' | 'nearest'
  /** Millimetres. */
  readonly radius?: number
  readonly points?: number
  readonly depths?: readonly number[]
  readonly mask?: string
  readonly hemisphere?: Side
  readonly out: string
}

/** What is written lies in memory: [volumes, vertices]. */
const mostBytes = 2e9

export async function sampled(options: SampleOptions, output: Output): Promise<number> {
  const { volume: file, pial, white, out, mask, interpolation, radius, points, depths } = options
  checkMapName(out)
  const kind = options.kind ?? (white === undefined ? 'line' : samplingDefaults.kind)
  checkOptions(kind, options)
  const side = options.hemisphere ?? sideOf(pial)
  const shape = await volumeShape(file)
  const work = ownWork(output, 'Sampling')
  try {
    const rule = {
      ...{ ...samplingDefaults, kind, interpolation },
      ...(radius !== undefined && { radius }),
      ...(points !== undefined && { samples: points }),
      ...(depths !== undefined && { depths }),
    }
    const mesh = { side, outer: pial, ...(white !== undefined && { inner: white }) }
    const sampler = await openSampler([mesh], { grid: shape.grid, file }, rule, mask, () =>
      work.tell('Finding voxels', 0),
    )
    const { uncovered, where } = sampler.coverage()
    const { vertices } = sampler
    if (4 * shape.volumes * vertices > mostBytes)
      throw new HeschlError('OPTION_INVALID', 'A run is too long to be sampled into one file', {
        where: { file },
        expected: `at most ${Math.floor(mostBytes / 4 / vertices).toLocaleString('en')} volumes of ${vertices.toLocaleString('en')} vertices`,
        found: `${shape.volumes.toLocaleString('en')} volumes`,
        remedy: 'Name it in a study with `volumes: {sample: …}`, which samples as it reads',
      })
    const values = await sampleRun(file, shape.volumes, sampler, { from: 0, to: vertices }, (done) =>
      work.tell('Sampling', done / shape.volumes),
    )
    const names = Array.from({ length: values.rows }, () => basename(file))
    await writeMapFile(out, { values, names }, side, values.rows > 1 ? shape.tr : 0)
    work.end()
    if (uncovered > 0)
      output.note(
        `${uncovered.toLocaleString('en')} of ${vertices.toLocaleString('en')} vertices are outside the volume, written as NaN: ${where}`,
      )
    output.document({ out, volumes: values.rows, vertices, uncovered, hemisphere: side, ...rule })
    output.say(`${out}: ${counted(values.rows, 'volume')} at ${vertices.toLocaleString('en')} vertices`)
    return 0
  } finally {
    work.end()
  }
}

function checkOptions(kind: SampleKind, { white, radius, points, depths }: SampleOptions): void {
  const refuse = (found: string, expected: string) => {
    throw new HeschlError('OPTION_INVALID', 'These options of sampling do not go together', {
      expected,
      found,
      remedy: 'heschl surface sample --help tells which kind takes which',
    })
  }
  if (kind === 'depth' && white === undefined) refuse('--kind depth without --white', '--white with the white surface')
  if (radius !== undefined && kind !== 'line' && kind !== 'ball')
    refuse(`--radius with --kind ${kind}`, '--kind line or ball')
  if ((points ?? depths) !== undefined && kind !== 'line' && kind !== 'depth')
    refuse(`--points or --depths with --kind ${kind}`, '--kind depth or line')
  if (points !== undefined && depths !== undefined) refuse('--points and --depths', 'one of them')
}

/** By the name of its file, as FreeSurfer's, TemplateFlow's and HCP's are. */
const sideOf = (file: string): Side =>
  /(^|[._-])(rh|right|r|hemi-r)([._-]|$)/i.test(basename(file)) ? 'right' : 'left'

export interface ResampleOptions {
  readonly map: string
  readonly from: string
  readonly to: string
  readonly method: ResampleMethod
  readonly hemisphere?: Side
  readonly out: string
}

export async function resampled(
  { map, from, to, method, hemisphere, out }: ResampleOptions,
  output: Output,
): Promise<number> {
  checkMapName(out)
  const side = hemisphere ?? sideOf(to)
  const file = await readMapFile(map)
  const [source, target] = [await readSphereMesh(from, side), await readSphereMesh(to, side)]
  const vertices = { from: source.points.length / 3, to: target.points.length / 3 }
  if (file.values.cols !== vertices.from)
    throw new HeschlError('SHAPE_MISMATCH', 'The map is not of the sphere that it is said to be of', {
      where: { file: map },
      expected: `${vertices.from.toLocaleString('en')} values a map, as ${from} has vertices`,
      found: file.values.cols.toLocaleString('en'),
      remedy: 'Name the sphere of the map’s mesh with --from',
    })
  if (file.labels && method !== 'nearest')
    throw new HeschlError('OPTION_INVALID', 'Labels have no values between them', {
      where: { file: map },
      expected: '--method nearest',
      found: `--method ${method}`,
    })
  const work = ownWork(output, 'Resampling')
  try {
    const values = resampleMaps(file.values, source, target.points, method, (done) =>
      work.tell('Resampling', done / vertices.to),
    )
    await writeMapFile(out, { ...file, values }, side)
  } finally {
    work.end()
  }
  output.document({ out, maps: file.values.rows, vertices, method, hemisphere: side })
  output.say(
    `${out}: ${counted(file.values.rows, 'map')} from ${vertices.from.toLocaleString('en')} to ${vertices.to.toLocaleString('en')} vertices`,
  )
  return 0
}
