/** LeBel et al.: the tree with the names that it has on OpenNeuro (ds003020), of small synthetic content. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScoreTable } from '../../../../src-main/contract/study.ts'
import { writeNifti } from '../../../../src-main/formats/niftiWrite.ts'
import { importBids } from '../../../../src-main/study/bids/index.ts'
import { parseStudy } from '../../../../src-main/study/parse.ts'
import { wavBytes } from '../../../support/smallStudy.ts'
import { heschl } from '../../cli/heschl.ts'
import { normal } from '../../linalg/random.ts'

const reference = fileURLToPath(new URL('../../../reference/lebel/', import.meta.url))
/** Stories with the seconds of their audio. */
const stories = { alternateithicatom: 72, souls: 82, wheretheressmoke: 60 }

let root: string
const at = (path: string) => {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  return join(root, path)
}

const grid = (seconds: number) => `File type = "ooTextFile"
Object class = "TextGrid"

0
${seconds}
<exists>
2
"IntervalTier"
"phone"
0
${seconds}
2
0
1
"HH"
1
${seconds}
"sp"
"IntervalTier"
"word"
0
${seconds}
2
0
1
"HE"
1
${seconds}
"sp"
`

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'heschl-lebel-'))
  writeFileSync(at('dataset_description.json'), JSON.stringify({ Name: 'An fMRI dataset', BIDSVersion: '1.1.1' }))
  writeFileSync(at('derivative/respdict.json'), JSON.stringify({ souls: 50 }))
  for (const [story, seconds] of Object.entries(stories)) {
    for (const subject of ['UTS01', 'UTS02'])
      copyFileSync(join(reference, `${story}.hf5`), at(`derivative/preprocessed_data/${subject}/${story}.hf5`))
    const next = normal(seconds)
    const audio = Float32Array.from({ length: 16_000 * seconds }, () => 0.05 * next())
    writeFileSync(at(`stimuli/${story}.wav`), wavBytes([audio], 16_000))
    writeFileSync(at(`derivative/TextGrids/${story}.TextGrid`), grid(seconds))
  }
  symlinkSync('../.git/annex/objects/not/there', at('derivative/preprocessed_data/UTS01/life.hf5'))
  copyFileSync(join(reference, 'souls.hf5'), at('derivative/preprocessed_data/UTS01/avatar.hf5'))
  const affine = Float64Array.of(-2.24, 0, 0, 90, 0, 2.24, 0, -90, 0, 0, 4.13, -60, 0, 0, 0, 1)
  const mask = Uint8Array.from({ length: 18 }, (_, voxel) => Number(voxel % 2 === 0 && voxel < 16))
  for (const subject of ['UTS01', 'UTS02'])
    await writeNifti(at(`derivative/pycortex-db/${subject}/transforms/${subject}_auto/mask_thick.nii.gz`), {
      ...{ shape: [3, 3, 2], data: mask, affine },
    })
})
afterAll(() => rmSync(root, { recursive: true }))

test('the voxels of one subject, the silence before each story, what was left out and why', async () => {
  const imported = await importBids(root, join(root, 'study.yaml'), { tasks: [] })
  const { study, problems } = parseStudy(imported.study)
  expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
  expect(imported).toMatchObject({ layout: 'LeBel et al. (ds003020)', subjects: 1, recordings: 3, stimuli: 3 })
  expect(study!.volumes).toEqual({ mask: 'derivative/pycortex-db/UTS01/transforms/UTS01_auto/mask_thick.nii.gz' })
  expect(study!.surface).toBeUndefined()
  expect(study!.encoding).toMatchObject({ preset: 'voxelwise', trim: { start: 10, end: 5 } })
  expect(study!.subjects[0].recordings[1]).toMatchObject({
    ...{ stimulus: 'souls', data: 'derivative/preprocessed_data/UTS01/souls.hf5:/data', tr: 2, start: 10 },
  })
  expect(study!.stimuli[1]).toMatchObject({ words: 'derivative/TextGrids/souls.TextGrid', language: 'english' })
  const reasons = new Map(
    imported.unused.map(({ path, reason }) => [path.replace(/^.*preprocessed_data\//, ''), reason]),
  )
  expect(reasons.get('UTS01/life.hf5')).toMatch(/never fetched/)
  expect(reasons.get('UTS01/avatar.hf5')).toMatch(/audio of avatar: not in the data set/)
  expect(reasons.get('UTS02/souls.hf5')).toMatch(/another subject than UTS01/)
  const other = await importBids(root, join(root, 'study.yaml'), { tasks: ['souls'], subject: 'UTS02' })
  expect(other).toMatchObject({ recordings: 1 })
  expect(other.study).toContain('UTS02_auto/mask_thick.nii.gz')
})

test('imported, valid, looked at and run: a score of every voxel', async () => {
  expect((await heschl(root, 'import', 'bids', '.', '--out', 'study.yaml')).code).toBe(0)
  const validated = await heschl(root, 'validate', 'study.yaml', '--json')
  expect([validated.code, JSON.parse(validated.stdout)]).toMatchObject([0, {}])
  const looked = await heschl(root, 'quality', 'study.yaml', '--json')
  expect([looked.code, JSON.parse(looked.stdout)]).toMatchObject([
    0,
    { missing: 0, recordings: [0, 1, 2].map(() => ({ looked: { targets: 8 } })) },
  ])
  const { code, stdout } = await heschl(root, 'run', 'study.yaml', '--json')
  expect(code).toBe(0)
  const { table } = JSON.parse(stdout) as { table: ScoreTable }
  expect(table.rows).toMatchObject([{ model: 'mel', subjects: 1, meanR: expect.any(Number) as number }])
  const exported = await heschl(
    root,
    'export',
    'study.yaml',
    '--maps',
    'scores',
    '--as',
    'npy,nii.gz',
    '--out',
    'maps',
    '--json',
  )
  expect(exported.code).toBe(0)
}, 120_000)
