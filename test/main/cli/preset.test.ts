/** `heschl preset`, and what it prints, pasted into a study and read again. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { parseStudy } from '../../../src-main/study/parse.ts'
import { resolveEncoding } from '../../../src-main/study/encoding.ts'
import { presetEncoding } from '../../../src-main/study/presets.ts'
import { heschl as heschlIn } from './heschl.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-preset-'))
})
afterAll(() => rm(folder, { recursive: true }))
const heschl = (...args: readonly string[]) => heschlIn(folder, 'preset', ...args)

test('the list: every preset, what it is, after whom', async () => {
  const { code, stdout } = await heschl()
  expect(code).toBe(0)
  expect(stdout).toMatch(/lpp +the published pipeline for Le Petit Prince +Millet et al\., 2022/)
  const { presets } = JSON.parse((await heschl('--json')).stdout) as { presets: readonly { name: string }[] }
  expect(presets.map(({ name }) => name)).toEqual(['standard', 'lpp', 'narratives', 'voxelwise', 'trf'])
})

test('one: every option with its value and source', async () => {
  const { code, stdout } = await heschl('lpp', '--variant', 'intended')
  expect(code).toBe(0)
  expect(stdout).toMatch(/^pcaY +100 +Millet et al\. 2022: Le Petit Prince$/m)
  expect(stdout).toMatch(/^standardizeY +\{ robust: \[1, 99\] \} /m)
  const document = JSON.parse((await heschl('lpp', '--json')).stdout) as Record<string, unknown>
  expect(document).toMatchObject({
    ...{ name: 'lpp', variant: 'as-published', encoding: presetEncoding('lpp', 'as-published') },
    methods: { paragraph: expect.stringContaining('preset lpp') },
  })
  expect(document['options']).toHaveLength(Object.keys(presetEncoding('lpp', 'as-published')).length)
})

test('as YAML it goes into a study, which then has that model', async () => {
  const { code, stdout } = await heschl('standard', '--yaml')
  expect(code).toBe(0)
  const text = `heschl: 1
name: Pasted
surface: schematic
stimuli: [{id: s1, audio: 1.wav}]
subjects: [{id: sub-01, recordings: [{stimulus: s1, data: 1.npy, tr: 2}]}]
spaces: [{id: mel, acoustic: mel}]
${stdout}`
  await writeFile(join(folder, 'study.yaml'), text)
  const { study, problems } = parseStudy(text)
  expect(problems).toEqual([])
  expect(resolveEncoding(study!.encoding)).toEqual(presetEncoding('standard', 'as-published'))
})

test('as a methods paragraph with its publications', async () => {
  const { code, stdout } = await heschl('trf', '--methods')
  expect(code).toBe(0)
  const [paragraph, empty, ...publications] = stdout.trim().split('\n')
  expect(paragraph).toContain('temporal response functions (Chen et al., 2023)')
  expect(empty).toBe('')
  // Whatever is cited is listed, and nothing else.
  const cited = new Set(paragraph.match(/[A-Z][^\s(;]+(?: et al\.| & [A-Z]\w+)?, \d{4}/g))
  expect(publications).toHaveLength(cited.size)
})

test('a preset that there is not', async () => {
  const { code, stdout } = await heschl('lqp', '--json')
  expect(code).toBe(2)
  expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'OPTION_INVALID' } })
})
