/**
 * Le Petit Prince as OpenNeuro has it (names, headers), small and synthetic: imported, sampled on a surface, run. Then the
 * same volumes by voxel.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ScoreTable } from '../../../src-main/contract/study.ts'
import { giftiSurface, writeGifti } from '../../../src-main/formats/giftiWrite.ts'
import { writeNifti } from '../../../src-main/formats/niftiWrite.ts'
import { startEngine } from '../../../src-main/jobs/index.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'
import { importBids } from '../../../src-main/study/bids/index.ts'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { normal } from '../linalg/random.ts'
import { figureFiles, prepareFigure } from '../../../src-main/cli/figureFiles.ts'
import { readNiftiHeader, readNiftiValues } from '../../../src-main/formats/nifti.ts'
import { heschl } from '../cli/heschl.ts'
import { finished, runStudy } from '../../support/runStudy.ts'
import { wavBytes } from '../../support/smallStudy.ts'

const sections = 9
const volumes = 13
const tr = 2
const rate = 8000
/** Grid of 12 mm over the field of view of the data set (73 x 90 x 74 voxels of 2 mm). */
const shape = [13, 15, 13] as const
const affine = Float64Array.from([12, 0, 0, -72, 0, 12, 0, -102, 0, 0, 12, -60, 0, 0, 0, 1])
const voxels = shape[0] * shape[1] * shape[2]
const centre = (voxel: number) => {
  const at = [voxel % shape[0], Math.floor(voxel / shape[0]) % shape[1], Math.floor(voxel / shape[0] / shape[1])]
  return at.map((index, axis) => index * 12 + affine[4 * axis + 3])
}
/** Voxels of the left that follow the sound. */
const hears = (voxel: number) => centre(voxel)[0] < -20

let root: string
let engine: EngineHandle

function put(path: string, content: string | Uint8Array = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

/** Loudness of a section, a value a volume. */
function loudness(section: number): Float64Array {
  const next = normal(100 + section)
  return Float64Array.from({ length: volumes }, () => Math.abs(next()))
}

async function recording(path: string, section: number, seed: number): Promise<void> {
  const next = normal(seed)
  const loud = loudness(section)
  const data = new Float32Array(voxels * volumes)
  for (let t = 0; t < volumes; t++)
    for (let v = 0; v < voxels; v++) {
      // A crude response: the loudness of two and three volumes ago.
      const heard = (loud[t - 2] ?? 0) + 0.6 * (loud[t - 3] ?? 0)
      data[t * voxels + v] = 100 + (hears(v) ? 2 * heard : 0) + next()
    }
  mkdirSync(dirname(join(root, path)), { recursive: true })
  await writeNifti(join(root, path), { shape: [...shape, volumes], data, affine, tr })
}

/** Two spheres of 162 vertices with a pial and a white surface, as a template's folder has them. */
async function template(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const { points, triangles } = icosphere(2)
  for (const [side, x] of [
    ['left', -36],
    ['right', 36],
  ] as const)
    for (const [name, radius] of [
      ['pial', 30],
      ['white', 27],
    ] as const) {
      const own = Float32Array.from(points, (value, i) => value * radius + [x, -18, 10][i % 3])
      await writeGifti(join(folder, `${name}_${side}.gii.gz`), giftiSurface(own, triangles))
    }
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'heschl-volumes-'))
  await template(join(root, 'mesh'))
  put('dataset_description.json', '{"Name": "Le Petit Prince (synthetic)"}')
  for (const [subject, first] of [['sub-EN057', 15]] as const)
    for (let section = 1; section <= sections; section++) {
      const run = String(first + section - 1).padStart(2, '0')
      const name = `${subject}_task-lppEN_run-${run}_space-MNIColin27_desc-preproc_bold.nii.gz`
      await recording(`derivatives/${subject}/func/${name}`, section, 1000 * first + section)
    }
  for (let section = 1; section <= sections; section++) {
    const next = normal(section)
    const loud = loudness(section)
    const sound = Float32Array.from(
      { length: rate * (volumes * tr - 4) },
      (_, i) => 0.1 * loud[Math.floor(i / rate / tr)] * next(),
    )
    put(`stimuli/task-lppEN_section-${section}.wav`, wavBytes([sound], rate))
  }
  engine = await startEngine({ spawn: 'child_process' })
}, 60_000)
afterAll(async () => {
  await engine.close()
  rmSync(root, { recursive: true, force: true })
})

const table = (study: string): Promise<ScoreTable> => engine.call('scoreTable', { study })

describe('sampled on a surface', () => {
  let study: string

  test('what import writes is valid and runs; vertices in voxels that follow the sound are predicted', async () => {
    study = join(root, 'study.yaml')
    const { study: text } = await importBids(root, study, { tasks: [], surface: 'mesh' })
    writeFileSync(study, text.replace('acoustic: mel', 'acoustic: rms'))
    expect(await engine.call('validateStudy', { path: study })).toEqual([])
    await runStudy(engine, study)
    const map = await engine.call('scoreMap', { study, subject: 'mean', model: 'mel', layer: 'mel' })
    const mean = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length
    expect(mean(map.left)).toBeGreaterThan(0.3)
    expect(Math.abs(mean(map.right))).toBeLessThan(0.15)
    expect((await table(study)).rows[0].subjects).toBe(1)
  }, 120_000)
})

describe('by voxel', () => {
  let study: string
  /** Of the study's subjects both have files of their own. */
  const lines = (atlas: string) => `heschl: 1
name: voxels
volumes: {mask: mask.nii.gz}
parcellation: {volume: ${atlas}, names: atlas.tsv}
regions: {hearing: [left], other: [right]}
stimuli:
  - {id: s1, audio: stimuli/task-lppEN_section-1.wav}
  - {id: s2, audio: stimuli/task-lppEN_section-2.wav}
subjects:
${['a', 'b', 'c'].map((id) => `  - {id: ${id}, recordings: [{stimulus: s1, data: ${id}-1.nii.gz, tr: 2}, {stimulus: s2, data: ${id}-2.nii.gz, tr: 2}]}`).join('\n')}
models:
  - {id: random, regime: untrained, architecture: wav2vec2-demo, seed: 1, layers: [conv6, transf0]}
  - {id: spoken, regime: native, architecture: wav2vec2-demo, seed: 2, layers: [conv6, transf0]}
spaces:
  - {id: loud, acoustic: rms}
encoding: {preset: standard, folds: 3}
figures: {regimes: {test: tfce, permutations: 99}}
`
  const inside = Int32Array.from({ length: voxels }, (_, v) => v).filter((v) => Math.hypot(...centre(v)) < 60)

  beforeAll(async () => {
    study = join(root, 'voxels.yaml')
    const mask = new Uint8Array(voxels)
    for (const voxel of inside) mask[voxel] = 1
    await writeNifti(join(root, 'mask.nii.gz'), { shape, data: mask, affine })
    // The atlas is on a grid of its own, of 6 mm; 7 has no name.
    const fine = affine.map((value, i) => (i % 4 < 3 ? value / 2 : i < 12 ? value - 3 : value))
    const sides = [2 * shape[0], 2 * shape[1], 2 * shape[2]] as const
    const keys = Int16Array.from({ length: 8 * voxels }, (_, v) => (v % sides[0] < 8 ? 1 : v % sides[0] < 18 ? 2 : 7))
    await writeNifti(join(root, 'atlas.nii.gz'), { shape: sides, data: keys, affine: fine })
    put('atlas.tsv', 'index\tname\tcolor\n1\tleft\t#ff0000\n2\tright\t#0000ff\n')
    for (const [s, id] of ['a', 'b', 'c'].entries())
      for (const section of [1, 2]) await recording(`${id}-${section}.nii.gz`, section, 50 + 10 * s + section)
    writeFileSync(study, lines('atlas.nii.gz'))
    expect(await engine.call('validateStudy', { path: study })).toEqual([])
    await runStudy(engine, study)
  }, 120_000)

  test('scores of voxels and of an atlas in space; there is no cortex', async () => {
    const found = await table(study)
    expect(found.regions).toEqual(['none', 'left', 'right'])
    const loud = found.rows.find(({ model }) => model === 'loud')!
    expect(loud.byRegion[1]).toBeGreaterThan(0.3)
    expect(Math.abs(loud.byRegion[2])).toBeLessThan(0.2)
    expect(found.ceiling?.vertices).toBeGreaterThan(0)
    const surface = await engine.call('surface', { study })
    expect([...surface.voxels!.indices]).toEqual([...inside])
    expect(surface.right.labels).toHaveLength(0)
    const overview = await engine.call('openStudy', { path: study })
    expect(overview.surface).toMatchObject({
      name: 'mask.nii.gz',
      voxels: true,
      vertices: { left: inside.length, right: 0 },
    })
    expect(overview.notes.join('; ')).toMatch(/another grid.*1 number of the atlas without a name in its table \(7\)/)
    const map = await engine.call('scoreMap', { study, subject: 'a', model: 'loud', layer: 'loud' })
    expect(map.left).toHaveLength(inside.length)
  })

  test.each(['scores', 'regimes', 'hierarchy'] as const)(
    'the figure %s says voxels, and its maps are NIfTI',
    async (figure) => {
      const job = await engine.finding({ study, figure, options: {} })
      expect(await finished(engine, job)).toMatchObject({ state: 'done', error: null })
      const made = await engine.findingFigure(job.id)
      const { caption, methods, notes, maps } = made.finding
      expect([caption, methods, ...notes].join(' ')).not.toMatch(/vert(ex|ices)|whole cortex/)
      const prepared = await prepareFigure(made, { widthMm: 180, dpi: 50, theme: 'light' }, study, root)
      expect(prepared.svg).toContain('no cortex')
      const files = new Map<string, Uint8Array | string>()
      for await (const [name, content] of figureFiles(made, prepared, ['svg'])) files.set(name, content)
      writeFileSync(join(root, 'maps.nii.gz'), files.get(`${figure}.maps.nii.gz`)!)
      const header = await readNiftiHeader(join(root, 'maps.nii.gz'))
      expect(header.shape).toEqual([...shape, maps.length])
      expect([...header.affine]).toEqual([...affine])
      const back = await readNiftiValues(join(root, 'maps.nii.gz'), inside)
      expect([...back.data]).toEqual(maps.flatMap(({ values }) => [...values]))
      expect(
        String(files.get(`${figure}.maps.tsv`))
          .trim()
          .split('\n'),
      ).toHaveLength(maps.length + 1)
    },
    60_000,
  )

  test('a subject’s own mask: no score outside it, the same ones within it and of others', async () => {
    const own = join(root, 'own.yaml')
    const text = lines('atlas.nii.gz').replace(/models:[^]*?(?=spaces:)/, '')
    const mask = new Uint8Array(voxels)
    for (const voxel of inside.filter((_, i) => i % 3 > 0)) mask[voxel] = 1
    await writeNifti(join(root, 'c-mask.nii.gz'), { shape, data: mask, affine })
    writeFileSync(own, text.replace(/figures:.*/, '').replace('{id: c,', '{id: c, mask: c-mask.nii.gz,'))
    const told = await engine.call('validateStudy', { path: own })
    expect(told.map(({ severity, message }) => `${severity} ${message}`)).toEqual(
      [0, 1].map(() => expect.stringMatching(/^warning .*voxels of the study’s mask have no value/) as unknown),
    )
    await runStudy(engine, own)
    const map = async (path: string, subject: string) =>
      (await engine.call('scoreMap', { study: path, subject, model: 'loud', layer: 'loud' })).left
    const [before, after] = [await map(study, 'c'), await map(own, 'c')]
    expect([...after]).toEqual([...before].map((value, i) => (i % 3 > 0 ? value : NaN)))
    expect(await map(own, 'a')).toEqual(await map(study, 'a'))
  }, 60_000)

  test('another grid, an atlas of shares, a surface beside voxels: told with the line', async () => {
    const problems = async (text: string) => {
      writeFileSync(study, text)
      return (await engine.call('validateStudy', { path: study })).map(({ message, line }) => `${line} ${message}`)
    }
    await writeNifti(join(root, 'other.nii.gz'), { shape: [3, 3, 3], data: new Uint8Array(27).fill(1), affine })
    expect(await problems(lines('atlas.nii.gz').replace('mask.nii.gz', 'other.nii.gz'))).toEqual(
      expect.arrayContaining([
        expect.stringMatching(
          /^\d+ `subjects\[0\].recordings\[0\].data`: A recording is on another grid than the mask/,
        ),
      ]),
    )
    expect(await problems(lines('atlas.nii.gz').replace('{id: c,', '{id: c, mask: other.nii.gz,'))).toEqual([
      expect.stringMatching(/^\d+ `subjects\[2\]\.mask`: A recording’s own mask is on another grid than the mask/),
    ])
    expect(await problems(lines('atlas.nii.gz').replace('{id: c,', '{id: c, mask: lost.nii.gz,'))).toEqual([
      expect.stringMatching(/^\d+ `subjects\[2\]\.mask`: A file is missing/),
    ])
    const unconfounded = lines('atlas.nii.gz').replace('data: c', 'confounds: lost.tsv, data: c')
    expect(unconfounded).toContain('lost.tsv')
    expect(await problems(unconfounded)).toEqual([
      expect.stringMatching(/^\d+ `subjects\[2\]\.recordings\[0\]\.confounds`: A file is missing/),
    ])
    await writeNifti(join(root, 'shares.nii.gz'), { shape, data: new Float32Array(voxels).fill(0.5), affine })
    expect(await problems(lines('shares.nii.gz'))).toEqual([expect.stringContaining('This atlas is not of regions')])
    expect(await problems(lines('atlas.nii.gz').replace('stimuli:', 'surface: mesh\nstimuli:'))).toEqual([
      expect.stringContaining('Scores are of voxels, which have no `surface`'),
    ])
    expect(await problems(lines('atlas.nii.gz'))).toEqual([])
  })

  test('export --maps writes NIfTI of each subject and of all, beside arrays', async () => {
    const map = await engine.call('scoreMap', { study, subject: 'b', model: 'loud', layer: 'loud' })
    // A study is open in one process.
    await engine.close()
    const out = join(root, 'maps')
    const { code, stdout, stderr } = await heschl(
      root,
      ...['export', 'voxels.yaml', '--maps', 'scores,mean', '--as', 'func.gii,npy', '--out', out, '--json'],
    )
    expect([code, stderr]).toEqual([0, expect.not.stringContaining('error')])
    const { files } = JSON.parse(stdout) as { files: readonly string[] }
    expect(files.filter((name) => name.endsWith('.gii'))).toEqual([])
    const images = files.filter((name) => name.endsWith('.nii.gz'))
    // Three subjects and their mean, of two models and a space.
    expect(images).toHaveLength(12)
    expect(files.filter((name) => name.endsWith('.npy'))).toHaveLength(12)
    const one = images.find((name) => name.startsWith('sub-b') && name.includes('desc-loud'))!
    expect((await readNiftiHeader(join(out, one))).shape).toEqual([...shape])
    expect([...(await readNiftiValues(join(out, one), inside)).data]).toEqual([...map.left])
  }, 60_000)
})
