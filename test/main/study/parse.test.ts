import { describe, expect, test } from 'vitest'
import { parseStudy, readStudy, studyInvalid } from '../../../src-main/study/parse.ts'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { example, validStudy } from './example.ts'

/** `line:column severity message -> remedy`, one a problem. */
function told(text: string): string[] {
  return parseStudy(text).problems.map(
    ({ line, column, severity, message, remedy }) =>
      `${line}:${column} ${severity} ${message}${remedy === null ? '' : ` -> ${remedy}`}`,
  )
}

/** The example with one thing said differently. */
function changed(from: string | RegExp, to: string): string {
  const text = example.replace(from, to)
  expect(text).not.toBe(example)
  return text
}

test('a valid study has no problems, and its defaults are filled in', () => {
  expect(parseStudy(example).problems).toEqual([])
  const study = validStudy()
  expect(study.subjects[0]?.recordings[0]?.start).toBe(0)
  expect(study.subjects[0]?.simulated).toBe(false)
  expect(study.models[0]?.layers).toBe('lpp')
})

test('Windows line ends, a byte order mark and comments change nothing', () => {
  const text = `\ufeff# a comment\r\n${example.replaceAll('\n', '\r\n')}`
  expect(parseStudy(text).problems).toEqual([])
  expect(validStudy(text)).toEqual(validStudy())
})

describe('misspelt keys', () => {
  test('are told with line, column and what was probably meant', () => {
    expect(told(changed('language: english}\n  - {id: s2', 'langauge: english}\n  - {id: s2'))).toEqual([
      '5:58 error `langauge` is not a key of `stimuli[0]`; did you mean `language`?',
    ])
  })

  test('do not make the key they stand for missing as well', () => {
    expect(told(changed('surface:', 'surfaces:'))).toEqual([
      '3:1 error `surfaces` is not a key of a study file; did you mean `surface`?',
    ])
    expect(told(changed(/recordings:/, 'recording:'))).toEqual([
      '9:5 error `recording` is not a key of `subjects[0]`; did you mean `recordings`?',
    ])
  })

  test('inside a hemisphere, a preset or a list are found too', () => {
    expect(told(changed('right: func/1', 'rigth: func/1'))).toEqual([
      '10:51 error `rigth` is not a key of `subjects[0].recordings[0].data`; did you mean `right`?',
    ])
    expect(told(changed('folds: 5', 'fold: 5, alphas: {from: 1, to: 8, counts: 20}'))).toEqual([
      '24:30 error `fold` is not a key of `encoding`; did you mean `folds`?',
      '24:64 error `counts` is not a key of `encoding.alphas`; did you mean `count`?',
    ])
  })

  test('that resemble nothing list what there is', () => {
    expect(told(changed('acoustic: mel', 'acoustic: mel, zzz: 1'))).toEqual([
      '23:30 error `zzz` is not a key of `spaces[0]` -> The keys there are `id`, `acoustic`, `lexical`, `phonetic` and `vectors`',
    ])
  })

  test('with the names of built-in properties are keys like any other', () => {
    expect(told(`${example}__proto__: 1\nconstructor: 2\n`).map((line) => line.split(' ->')[0])).toEqual([
      '27:1 error `__proto__` is not a key of a study file',
      '28:1 error `constructor` is not a key of a study file',
    ])
  })
})

describe('spaces', () => {
  test('are made from one thing each', () => {
    expect(told(changed(', acoustic: mel', ''))).toEqual([
      '23:5 error `spaces[0]` has none of `acoustic`, `lexical`, `phonetic` and `vectors` -> Add one of them, for example `acoustic: mel`',
    ])
    expect(told(changed('acoustic: mel', 'acoustic: mel, phonetic: phones'))).toContain(
      '23:40 error `spaces[0]` has both `acoustic` and `phonetic` -> Make them two spaces',
    )
    expect(told(changed('acoustic: mel', 'acustic: mel'))).toEqual([
      '23:15 error `acustic` is not a key of `spaces[0]`; did you mean `acoustic`?',
    ])
  })

  test('of words or phones need them of every stimulus that is heard', () => {
    expect(told(changed('acoustic: mel', 'lexical: word-rate'))).toEqual([
      '6:5 error `stimuli[1]` has no `words`, which `spaces[0]` (lexical) is made from -> Add `words:` with a table or a TextGrid of its words, or remove the space',
    ])
    expect(told(changed('acoustic: mel', 'phonetic: articulatory')).map((line) => line.split(',')[0])).toEqual([
      '5:5 error `stimuli[0]` has no `phones`',
      '6:5 error `stimuli[1]` has no `phones`',
    ])
    const complete = changed('id: s2, audio', 'id: s2, words: words/s2.tsv, audio').replace(
      'acoustic: mel',
      'lexical: word-onset',
    )
    expect(told(complete)).toEqual([])
    const unheard = complete.replace('subjects:', '  - {id: s3, audio: stimuli/s3.wav}\nsubjects:')
    expect(told(unheard).map((line) => line.split(' ')[1])).toEqual(['warning'])
  })
})

describe('wrong values are told in words', () => {
  test.each(
    [
      [
        'tr: 2.0}',
        'tr: 2s}',
        '10:77 error `subjects[0].recordings[0].tr` must be a number of seconds, above 0 and at most 60, found "2s"',
      ],
      [
        'tr: 2.0}',
        'tr: 0}',
        '10:77 error `subjects[0].recordings[0].tr` must be a number of seconds, above 0 and at most 60, found 0',
      ],
      [
        'tr: 2.0}',
        'tr: .inf}',
        '10:77 error `subjects[0].recordings[0].tr` must be a number of seconds, above 0 and at most 60, found Infinity',
      ],
      [
        ', tr: 2.0}',
        '}',
        '10:9 error `subjects[0].recordings[0]`: `tr` is missing -> Add `tr:` with the seconds between volumes, or `rate:` in Hz for electrodes',
      ],
      [
        'name: Example',
        'name: 7',
        '2:7 error `name` must be a name of 1 to 200 characters, found 7 -> Put it in quotes',
      ],
      ['name: Example', 'name:', '2:6 error `name` must be a name of 1 to 200 characters, found nothing'],
      ['seed: 1,', 'seed: -1,', '21:75 error `models[1].seed` must be a whole number from 0 to 4294967295, found -1'],
      [
        '[conv4, transf0]',
        'alle',
        '21:86 error `models[1].layers` must be `all`, `lpp`, or a list of layer names, found "alle"',
      ],
      [
        'preset: standard',
        'preset: standrad',
        '24:20 error `encoding.preset` must be `standard`, `lpp`, `narratives`, `voxelwise` or `trf`, found "standrad"; did you mean `standard`?',
      ],
      [
        'surface: schematic',
        'surface: {left: {folded: a}}',
        '3:10 error `surface.right` is missing: it must be a map with a path for `folded:`',
      ],
      [
        'data: func/3.npy',
        'data: [a, b]',
        '14:30 error `subjects[1].recordings[0].data` must be a path, or `left:` and `right:` paths, found a list of 2',
      ],
      [
        'acoustic: mel',
        'acoustic: mfc',
        '23:25 error `spaces[0].acoustic` must be `mel`, `mel-128`, `mfcc`, `rms`, `intensity`, `envelope`, `pitch` or `pitch-bins`, found "mfc"; did you mean `mfcc`?',
      ],
      [
        '[native, untrained]',
        '[native]',
        '26:16 error `compare[0].contrast` must be a list of two ids of models or spaces, found a list of 1',
      ],
      [
        'heschl: 1',
        'heschl: 2',
        '1:9 error `heschl` must be 1, the version of the file, found 2 -> It was made for a newer Heschl: install that',
      ],
      ['heschl: 1\n', '', '1:1 error `heschl: 1` is missing -> Make it the first line'],
    ].filter(([from, to]) => from !== to),
  )('%s as %s', (from, to, expected) => {
    expect(told(changed(from, to))).toEqual([expected])
  })

  test.each([
    ['', '1:1 error A study file must be a map (`key: value` lines), found nothing'],
    ['# only a comment', '1:1 error A study file must be a map (`key: value` lines), found nothing'],
    ['- a list', '1:1 error A study file must be a map (`key: value` lines), found a list of 1'],
    ['just words', '1:1 error A study file must be a map (`key: value` lines), found "just words"'],
  ])('a file that is %j', (text, expected) => {
    expect(told(text)).toEqual([expected])
  })
})

describe('what does not fit together', () => {
  test.each([
    ['{id: s2,', '{id: s1,', '6:10 error `stimuli[1].id`: the id "s1" is taken by `stimuli[0]` -> Give it another'],
    [
      'id: sub-02',
      'id: sub-01',
      '12:9 error `subjects[1].id`: the id "sub-01" is taken by `subjects[0]` -> Give it another',
    ],
    ['id: mel', 'id: native', '23:10 error `spaces[0].id`: the id "native" is taken by `models[0]` -> Give it another'],
    ['id: sub-02', 'id: mean', '12:9 error No subject can have the id "mean": it stands for the mean over subjects'],
    [
      '[native, untrained]',
      '[native, untraind]',
      '26:25 error `compare[0].contrast[1]`: no model or space has the id "untraind"; did you mean "untrained"?',
    ],
    ['[native, untrained]', '[mel, mel]', '26:16 error `compare[0].contrast` compares "mel" with itself'],
    [
      'checkpoint: models/w2v}',
      'seed: 1}',
      '20:5 error `models[0]` has none of `checkpoint`, `series`, `onnx` and `architecture` -> Give a Hugging Face folder as `checkpoint`, several of one training as `series`, an ONNX file as `onnx`, or `architecture` and `seed` for random weights',
    ],
    [
      'checkpoint: models/w2v}',
      'checkpoint: models/w2v, seed: 1}',
      '20:95 error `models[0]` has a `seed`, but its weights come from a checkpoint -> Remove `seed`',
    ],
    [
      'seed: 1,',
      'checkpoint: a,',
      '21:54 error `models[1]` has both `checkpoint` and `architecture` -> Keep one of them',
    ],
    [
      'seed: 1, ',
      '',
      '21:54 error `models[1]` has random weights but no `seed` -> Add `seed: 1`, or any other whole number; `seeds: [1, 2, 3]` for several draws',
    ],
    [
      'folds: 5',
      'stride: 11',
      '24:38 error `encoding.stride` (11 s) is longer than `encoding.window` (10 s): audio would be left out -> Make the stride at most the window',
    ],
    [
      'folds: 5',
      'alphas: {from: 8, to: 1, count: 20}',
      '24:38 error `encoding.alphas`: 20 penalties from 10^8 to 10^1 cannot be evenly spaced -> Give `from` below `to`, or one penalty with both the same',
    ],
    [
      'folds: 5',
      'confounds: [csf]',
      '10:9 error `subjects[0].recordings[0]` has no `confounds`, which `encoding.confounds` names columns of -> Add `confounds:` with its table, or remove `encoding.confounds`',
    ],
    [
      'folds: 5',
      'standardizeY: {robust: [99, 1]}',
      '24:53 error `encoding.standardizeY.robust`: 99 is not below 1 -> Give two percentiles, the lower first',
    ],
    ['folds: 5', 'selection: {kfold: 1}', '24:49 error `encoding.selection.kfold` must be at least 2, found 1'],
    [
      'folds: 5',
      'folds: runs',
      '12:5 error `subjects[1]` has one recording, and `encoding.folds: runs` holds out a whole run -> Give a number of folds',
    ],
    [
      'name: Example',
      'name: Example\nname: Again',
      '3:1 error `name` is given twice: line 2 has it already -> Remove one of the two',
    ],
  ])('%s as %s', (from, to, expected) => {
    expect(told(changed(from, to))).toContain(expected)
    expect(parseStudy(changed(from, to)).study).toBeNull()
  })

  test('an unknown stimulus is one problem, not a second for the stimulus that nobody hears then', () => {
    expect(told(changed('{stimulus: s1, data: func/4', '{stimulus: s3, data: func/4'))).toEqual([
      '17:20 error `subjects[2].recordings[0].stimulus`: no stimulus has the id "s3"; did you mean "s1"?',
    ])
  })

  test('warnings do not stop a study', () => {
    const text = changed('  - {id: s2,', '  - {id: s9, audio: a.wav}\n  - {id: s2,').replace(
      '{stimulus: s2, data: func/5.npy',
      '{stimulus: s1, data: func/5.npy',
    )
    expect(told(text)).toEqual([
      '6:5 warning No recording uses the stimulus "s9"',
      '19:20 warning `subjects[2].recordings[1].stimulus`: this subject heard "s1" already, so the same audio can be in training and test folds -> Average the repetitions, or read the scores with that in mind',
    ])
    expect(parseStudy(text).study).not.toBeNull()
  })

  test('every problem of a file is told at once, in its order', () => {
    const text = changed('surface:', 'surfaec:').replace('tr: 2.0}', 'tr: two}').replace('id: mel', 'id: native')
    expect(parseStudy(text).problems.map(({ path }) => path)).toEqual([
      'surfaec',
      'subjects[0].recordings[0].tr',
      'spaces[0].id',
    ])
  })
})

describe('what is not YAML', () => {
  test.each([
    [
      'a tab',
      changed('\n    recordings:', '\n\trecordings:'),
      '9:1 error A tab stands where the line is indented -> Indent with spaces: YAML does not allow tabs there',
    ],
    [
      'a colon in text',
      changed('name: Example', 'name: Example: one'),
      '2:7 error Two keys stand on one line -> Put text that holds ": " in quotes, or start a new line',
    ],
    [
      'two documents',
      `${example}---\nheschl: 1\n`,
      '27:1 error A second document starts here (`---`) -> Keep one study to a file',
    ],
  ])('%s', (_, text, expected) => {
    expect(told(text)).toContain(expected)
    expect(parseStudy(text).study).toBeNull()
  })
})

describe('studyInvalid', () => {
  test('names the first error and its place, counts the others, holds all', () => {
    const { problems } = parseStudy(changed('surface:', 'surfaec:').replace('tr: 2.0}', 'tr: two}'))
    const error = studyInvalid('study.yaml', problems)
    expect(error.message).toBe(
      '`surfaec` is not a key of a study file; did you mean `surface`? (and 1 more: `heschl validate` names them all)\n' +
        '  where: study.yaml:3:1',
    )
    expect(error.parts.details?.['problems']).toEqual(problems)
  })
})

describe('readStudy', () => {
  test('reads a file, and refuses what is missing, a folder, or far too large', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'heschl-study-'))
    try {
      const file = join(folder, 'study.yaml')
      await expect(readStudy(file)).rejects.toMatchObject({ code: 'FILE_MISSING', parts: { where: { file } } })
      await expect(readStudy(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
      await writeFile(file, example)
      expect((await readStudy(file)).study?.name).toBe('Example')
      await writeFile(file, Buffer.alloc(5 * 1024 * 1024 + 1, '#'))
      await expect(readStudy(file)).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
    } finally {
      await rm(folder, { recursive: true })
    }
  })
})
