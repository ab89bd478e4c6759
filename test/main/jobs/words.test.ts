/** Models that read words and tables of word vectors, from the study file to the design matrix. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { inBlocks } from '../../../src-main/features/frames.ts'
import { regressorsFor } from '../../../src-main/pipeline/designRegressors.ts'
import { shareFrames } from '../../../src-main/features/tokens.ts'
import { readWordVectors } from '../../../src-main/formats/wordVectors.ts'
import { zeros32 } from '../../../src-main/linalg/matrix.ts'
import { overviewOf } from '../../../src-main/jobs/overview.ts'
import { Providers } from '../../../src-main/jobs/providers.ts'
import { planOf } from '../../../src-main/jobs/runner.ts'
import { StudySession } from '../../../src-main/jobs/session.ts'
import type { NamedArray } from '../../../src-main/pipeline/context.ts'
import { computeDesign, OpenModel } from '../../../src-main/pipeline/designs.ts'
import type { DesignTask } from '../../../src-main/pipeline/tasks.ts'
import { readWords } from '../../../src-main/stimuli/index.ts'
import { readTexts, textFolder, wordActivations } from '../activations/text/reference.ts'
import { makeSmallStudy } from '../../support/smallStudy.ts'

const context = { progress: () => undefined, cancelled: () => false }
const said = readTexts().words.medium

let folder: string
let path: string
let original: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-words-'))
  ;({ path } = await makeSmallStudy(folder))
  cpSync(textFolder('gpt2-1'), join(folder, 'gpt2'), { recursive: true })
  writeWords('words-1.tsv', said)
  writeWords('words-2.tsv', ['The', 'ELEPHANT', '', 'of', 'nothing'])
  // Read for `of`, which the second stimulus has as well, once in another case.
  writeFileSync(
    join(folder, 'glove.txt'),
    ['the 1 2 3', 'of 0.5 -0.5 4', 'elephant -1 -2 -3', 'a 9 9 9', ''].join('\n'),
  )
  original = readFileSync(path, 'utf8')
    .replaceAll(/audio: (run-(\d).wav)/g, 'audio: $1, words: words-$2.tsv')
    .replace(
      /models:[^]*?(?=encoding:)/,
      [
        'models:',
        '  - {id: gpt, regime: native, checkpoint: gpt2, layers: all}',
        '  - {id: gpt-near, regime: native, checkpoint: gpt2, layers: [transf1], context: 2, tokens: last}',
        'spaces:',
        '  - {id: glove, vectors: glove.txt}',
        '',
      ].join('\n'),
    )
  writeFileSync(path, original)
}, 60_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** A word every 0.9 s from 0.5 s on, for 0.6 s. */
function writeWords(file: string, words: readonly string[]): void {
  const rows = words.map((word, i) => [(0.5 + 0.9 * i).toFixed(2), '0.6', word].join('\t'))
  writeFileSync(join(folder, file), ['onset\tduration\ttext', ...rows].join('\n'))
}

async function look(text = original) {
  writeFileSync(path, text)
  const session = new StudySession(path, new Providers())
  try {
    const snapshot = await session.refresh()
    const designs = snapshot.steps.filter(({ spec }) => spec.kind === 'design')
    return {
      overview: overviewOf(session, snapshot),
      plan: await planOf(session, snapshot),
      designs: designs.map(({ key, task }) => ({ key, task: task() as DesignTask })),
      store: async (index: number) => {
        const { key, identity, spec } = designs[index]
        const { arrays, provenance } = await computeDesign(
          designs[index].task() as DesignTask,
          new OpenModel(1),
          context,
        )
        const reopened = new StudySession(path, new Providers())
        const record = { key, kind: spec.kind, label: spec.label, inputs: identity, provenance, seconds: 1, work: 1 }
        reopened.store.put(record, arrays)
        const { notes } = overviewOf(reopened, await reopened.refresh())
        reopened.close()
        return notes
      },
    }
  } finally {
    session.close()
  }
}

/** The regressors of vectors, spread over frames as a dense matrix. */
async function dense(task: DesignTask, transcript: string, vectors: readonly (readonly number[])[]) {
  const words = await readWords(transcript)
  const units = vectors[0].length
  const frames = 2370
  const regressors = regressorsFor(task, units, 0.01, frames)
  const tokens = words.map((word, i) => ({ ...word, text: String(i) }))
  const shares = shareFrames(tokens, (text) => [Number(text)], words.length)
  for (const { firstFrame, block } of inBlocks(frames, words.length, shares)) {
    const mixed = zeros32(block.rows, units)
    for (let row = 0; row < block.rows; row++) {
      for (let w = 0; w < words.length; w++) {
        const share = block.data[row * words.length + w]
        for (let u = 0; u < units; u++) mixed.data[row * units + u] += share * vectors[w][u]
      }
    }
    regressors.add(firstFrame, mixed)
  }
  return regressors.finish()
}

function expectSame({ shape, data }: NamedArray, expected: Awaited<ReturnType<typeof dense>>): void {
  expect(shape).toEqual([expected.rows, expected.cols])
  for (const [i, value] of expected.data.entries()) expect(data[i]).toBeCloseTo(value, 4)
  expect(expected.data.some((value) => Math.abs(value) > 0.1)).toBe(true)
}

const rowsOf = (flat: readonly number[], units: number) =>
  Array.from({ length: flat.length / units }, (_, row) => flat.slice(row * units, (row + 1) * units))

test('layers of a text model are planned and described as those of any other model', async () => {
  const { overview, plan, designs } = await look()
  expect(overview.problems).toEqual([])
  const names = ['embedding', 'transf0', 'transf1', 'transf2', 'transf2.norm']
  expect(overview.models.map(({ id, layers }) => [id, layers.map(({ name }) => name)])).toEqual([
    ['gpt', names],
    ['gpt-near', ['transf1']],
    ['glove', ['glove']],
  ])
  expect(overview.models.map(({ layers }) => layers[0].units)).toEqual([24, 24, 3])
  expect(designs).toHaveLength(6)
  expect(plan.steps.every(({ seconds, memoryBytes }) => seconds > 0 && memoryBytes > 0)).toBe(true)
})

test('a design is the words’ activations from onset to offset, under the response', async () => {
  const { designs } = await look()
  const checkpoint = join(folder, 'gpt2')
  for (const [index, options] of [
    [0, { context: 'full', tokens: 'mean' }],
    [2, { context: 2, tokens: 'last' }],
  ] as const) {
    const { task } = designs[index]
    if (task.space.kind !== 'text') throw new Error('a text model was planned as something else')
    const { arrays, provenance } = await computeDesign(task, new OpenModel(1), context)
    expect(provenance).toMatchObject({ words: 20, tokens: 54, context: options.context, provider: 'cpu' })
    const { found } = await wordActivations(checkpoint, said, options, task.space.layers)
    for (const array of arrays)
      expectSame(array, await dense(task, task.space.transcript, rowsOf(found.get(array.name)!, 24)))
  }
})

test('word vectors are found as they are written, then in lower case; the others are zeros, and counted', async () => {
  const { designs, store } = await look()
  const { task } = designs[5]
  if (task.space.kind !== 'vectors') throw new Error('word vectors were planned as something else')
  const { arrays, provenance } = await computeDesign(task, new OpenModel(1), context)
  expect(provenance).toMatchObject({ vectors: 4, words: 4, missingWords: 1, missingTypes: 1, missing: ['nothing'] })
  const { vectors } = await readWordVectors(join(folder, 'glove.txt'), new Set(['the', 'elephant', 'of']))
  const rows = ['the', 'elephant', 'of'].map((word) => [...vectors.get(word)!])
  expectSame(arrays[0], await dense(task, task.space.transcript, [...rows, [0, 0, 0]]))
  expect(await store(5)).toContain('glove: 1 of 4 spoken words have no vector and are zeros, among them "nothing".')
})

test('a design’s key follows the words, the tokenizer, the context and the vectors', async () => {
  const keys = async (text?: string) => (await look(text)).designs.map(({ key }) => key)
  const changed = (a: readonly string[], b: readonly string[]) => a.flatMap((key, i) => (key === b[i] ? [] : [i]))
  const before = await keys()
  expect(new Set(before).size).toBe(6)
  expect(await keys()).toEqual(before)
  // Designs: gpt of both stimuli, gpt-near of both, glove of both.
  expect(changed(before, await keys(original.replace('context: 2', 'context: 3')))).toEqual([2, 3])
  expect(changed(before, await keys(original.replace('tokens: last', 'tokens: mean')))).toEqual([2, 3])
  writeWords('words-2.tsv', ['other', 'words'])
  const otherWords = await keys()
  expect(changed(before, otherWords)).toEqual([1, 3, 5])
  writeFileSync(join(folder, 'glove.txt'), 'the 1 2 3\n')
  expect(changed(otherWords, await keys())).toEqual([4, 5])
  writeFileSync(join(folder, 'gpt2', 'tokenizer_config.json'), '{"add_prefix_space": true}')
  expect(changed(otherWords, await keys())).toEqual([0, 1, 2, 3, 4, 5])
})

test('what a text model lacks is told with its line, and hides it alone', async () => {
  const at = async (text: string) => {
    const { overview, designs } = await look(text)
    return {
      problems: overview.problems.map(({ path: key, line, message }) => ({ key, line, message })),
      designs: designs.length,
    }
  }
  const line = (text: string, part: string) => text.slice(0, text.indexOf(part)).split('\n').length
  const wordless = original
    .replace(', words: words-2.tsv', '')
    .replace(/ {2}- \{id: glove.*\n/, '  - {id: mel, acoustic: mel}\n')
  expect(await at(wordless)).toEqual({
    problems: [
      {
        key: 'stimuli[1]',
        line: line(wordless, '{id: run-2'),
        message: '`stimuli[1]` has no `words`, which `models[0]` reads',
      },
    ],
    designs: 2,
  })
  const audio = original.replace('checkpoint: gpt2, layers: [transf1]', 'architecture: wav2vec2-demo, seed: 1')
  expect((await at(audio)).problems).toEqual(
    ['context', 'tokens'].map((key) => ({
      key: `models[1].${key}`,
      line: line(audio, 'id: gpt-near'),
      message: `\`models[1].${key}\`: "gpt-near" hears audio; only a model that reads words has it`,
    })),
  )
})

test('random weights that read words are named by architecture, seed and what the tokenizer holds', async () => {
  const models = (...entries: readonly string[]) =>
    original.replace(/models:[^]*?(?=spaces:)/, ['models:', ...entries.map((entry) => `  - {${entry}}`), ''].join('\n'))
  const random = 'regime: untrained, architecture: gpt2, layers: [transf0]'
  for (const place of ['here', 'elsewhere']) cpSync(textFolder('gpt2-1'), join(folder, place), { recursive: true })
  const { overview, plan, designs } = await look(
    models(`id: a, ${random}, seeds: 2, tokenizer: here`, `id: b, ${random}, seed: 1, tokenizer: elsewhere`),
  )
  expect(overview.problems).toEqual([])
  const steps = plan.steps.filter(({ kind }) => kind === 'design')
  const keys = (id: string) => designs.filter((_, i) => steps[i].id.startsWith(`design:${id}:`)).map(({ key }) => key)
  expect(keys('a@1')).toHaveLength(2)
  expect(keys('b')).toEqual(keys('a@1'))
  expect(keys('a@2')).not.toEqual(keys('a@1'))
  writeFileSync(join(folder, 'elsewhere', 'tokenizer_config.json'), '{"add_prefix_space": true}')
  const changed = await look(models(`id: b, ${random}, seed: 1, tokenizer: elsewhere`))
  expect(changed.designs.slice(0, 2).map(({ key }) => key)).not.toEqual(keys('b'))
  const missing = await look(models(`id: a, ${random}, seed: 1`))
  expect(missing.overview.problems.map(({ path: key }) => key)).toEqual(['models[0].architecture'])
})

test('a transcript that cannot be read is told, and hides what is made from it alone', async () => {
  const text = original
    .replace('words-2.tsv', 'nowhere.tsv')
    .replace('spaces:\n', 'spaces:\n  - {id: mel, acoustic: mel}\n')
  const { overview, designs } = await look(text)
  expect(overview.problems.map(({ path: key }) => key)).toEqual(['stimuli[1].words'])
  expect(designs.map(({ task }) => task.space.kind)).toEqual(['acoustic', 'acoustic'])
})

test('word vectors that cannot be read are told with the line of the study and of the file', async () => {
  writeFileSync(join(folder, 'glove.txt'), 'word\n')
  const { overview, designs } = await look()
  expect(overview.problems).toHaveLength(1)
  expect(overview.problems[0]).toMatchObject({ path: 'spaces[0].vectors', severity: 'error' })
  expect(overview.problems[0].message).toContain('glove.txt, line 1')
  expect(designs).toHaveLength(4)
})
