/** `heschl run` of a study whose models are a text model and a table of word vectors. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { ScoreTable } from '../../../src-main/contract/study.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'
import { readTexts, textFolder } from '../activations/text/reference.ts'
import { heschl } from './heschl.ts'

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-run-words-'))
  const { path } = await makeSmallStudy(folder)
  cpSync(textFolder('gpt2-lm'), join(folder, 'gpt2'), { recursive: true })
  const rows = readTexts().words.medium.map((word, i) => `${(0.5 + 1.1 * i).toFixed(2)}\t0.6\t${word}`)
  writeFileSync(join(folder, 'words.tsv'), ['onset\tduration\ttext', ...rows].join('\n'))
  const vectors = ['was -0.5 1', 'six 0.25 -2', 'years 1 0.125', 'picture 3 -1', 'when 0.1 0.2']
  writeFileSync(join(folder, 'two.vec'), `${vectors.length} 2\n${vectors.join(' \n')} \n`)
  const text = readFileSync(path, 'utf8')
    .replaceAll(/audio: run-\d.wav/g, (audio) => `${audio}, words: words.tsv`)
    .replace(
      /models:[^]*?(?=encoding:)/,
      'models:\n  - {id: gpt, regime: native, checkpoint: gpt2, context: 4}\nspaces:\n  - {id: two, vectors: two.vec}\n',
    )
  writeFileSync(path, text)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('every layer is scored, and spoken words without a vector are told', async () => {
  const { code, stdout, stderr } = await heschl(folder, 'run', 'study.yaml', '--json')
  expect(code).toBe(0)
  const { table, notes } = JSON.parse(stdout) as { table: ScoreTable; notes: string[] }
  expect(table.rows.map(({ model, layer }) => [model, layer])).toEqual([
    ['gpt', 'transf0'],
    ['gpt', 'transf1'],
    ['two', 'two'],
  ])
  expect(table.rows.every(({ meanR }) => Number.isFinite(meanR))).toBe(true)
  // Of 20 words in either run.
  const found = readTexts().words.medium.filter((word) =>
    ['was', 'six', 'years', 'picture', 'when'].includes(word.toLowerCase()),
  )
  const [note] = notes.filter((text) => text.startsWith('two: '))
  expect(note).toContain(`two: ${2 * (20 - found.length)} of 40 spoken words have no vector and are zeros`)
  expect(stderr).toContain(note)
}, 120_000)
