/** Study files from anywhere: whatever they hold, they give problems, soon and in little memory. */
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseStudy } from '../../../src-main/study/parse.ts'
import { parseYaml } from '../../../src-main/study/yaml.ts'
import { example } from './example.ts'

function expectProblems(text: string): void {
  const { study, problems } = parseStudy(text)
  const lines = text.split('\n').length
  for (const { line, column, message } of problems) {
    expect(message.length).toBeGreaterThan(0)
    if (line !== null) expect(line).toBeLessThanOrEqual(lines + 1)
    if (column !== null) expect(column).toBeGreaterThan(0)
  }
  expect(study === null).toBe(problems.some(({ severity }) => severity === 'error'))
}

describe('mutated study files give a study or problems, never an exception', () => {
  const characters = fc.constantFrom(
    ...'{}[]:,-&*!|>\'"%@`#?~\t \n\r0.\0\u0085\u2028é😀',
    '---',
    '...',
    '<<',
    '&a',
    '*a',
  )
  const edit = fc.record({
    at: fc.nat(example.length),
    remove: fc.nat(20),
    insert: fc.oneof(characters, fc.string({ maxLength: 12 })),
  })

  test('with characters put in and taken out', () => {
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 6 }), (edits) => {
        let text = example
        for (const { at, remove, insert } of edits) text = text.slice(0, at) + insert + text.slice(at + remove)
        expectProblems(text)
      }),
      { numRuns: 1000 },
    )
  })

  test('with lines exchanged, doubled and lost', () => {
    const lines = example.split('\n')
    fc.assert(
      fc.property(fc.array(fc.nat(lines.length - 1), { maxLength: 40 }), (order) => {
        expectProblems(order.map((index) => lines[index]).join('\n'))
      }),
      { numRuns: 300 },
    )
  })

  test('with any JSON value in place of any part', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('surface', 'stimuli', 'subjects', 'models', 'spaces', 'encoding', 'compare'),
        fc.json(),
        (key, json) => {
          const rest = example.replace(new RegExp(`^${key}:.*\\n(?:[ -].*\\n)*`, 'm'), '')
          expectProblems(`${rest}${key}: ${json}\n`)
        },
      ),
      { numRuns: 300 },
    )
  })
})

describe('files made to exhaust', () => {
  test('a billion laughs are counted, not expanded', () => {
    const laughs = ['a: &a [x, x, x, x, x, x, x, x, x, x]']
    for (const [name, of] of ['ba', 'cb', 'dc', 'ed', 'fe', 'gf', 'hg'])
      laughs.push(`${name}: &${name} [${Array(10).fill(`*${of}`).join(', ')}]`)
    const { problems } = parseYaml(laughs.join('\n'))
    expect(problems.map(({ message }) => message)).toEqual(['Aliases expand this file to over 500000 values'])
    expectProblems(laughs.join('\n'))
  })

  test('an alias inside what it repeats is refused', () => {
    expect(parseYaml('a: &x [*x]').problems).toMatchObject([{ line: 1, column: 8 }])
  })

  test.each([
    ['lists in lists', '['.repeat(5_000)],
    ['maps in maps', '{a: '.repeat(5_000)],
    ['dashes', '- '.repeat(5_000)],
    ['indentation', Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
    ['moderate depth', `a: ${'['.repeat(100)}${']'.repeat(100)}`],
    ['quotes', '"'.repeat(20_000)],
    ['anchors', '&a '.repeat(5_000)],
    ['repeated keys', 'a: 1\n'.repeat(10_000)],
    ['distinct keys, then repeated ones', Array.from({ length: 10_000 }, (_, i) => `k${i % 5_000}: 1`).join('\n')],
    ['a very long key', `${'k'.repeat(1_000_000)}: 1`],
    ['spaces', ' '.repeat(1_000_000)],
  ])('%s', (_, text) => {
    expectProblems(text)
    const { study, problems } = parseStudy(text)
    expect(study).toBeNull()
    expect(problems.length).toBeLessThanOrEqual(201)
  })
})

describe('aliases', () => {
  test('repeat a list of recordings, and problems in it are found once for each place', () => {
    const shared = (tr: string) => `heschl: 1
name: Shared
surface: schematic
stimuli: [{id: s1, audio: a.wav}]
subjects:
  - {id: a, recordings: &runs [{stimulus: s1, data: a.npy, tr: ${tr}}]}
  - {id: b, recordings: *runs}
spaces: [{id: mel, acoustic: mel}]
`
    expect(parseStudy(shared('2')).problems).toEqual([])
    expect(parseStudy(shared('2')).study?.subjects[1]?.recordings).toHaveLength(1)
    expect(parseStudy(shared('x')).problems).toMatchObject([
      { line: 6, path: 'subjects[0].recordings[0].tr' },
      { line: 6, path: 'subjects[1].recordings[0].tr' },
    ])
  })
})

describe('tags and keys', () => {
  test('no tag but those of plain data', () => {
    expect(parseYaml('a: !!str 5\nb: !!int "5"').problems).toEqual([])
    expect(parseYaml('a: !!str 5\nb: !!int "5"').value).toEqual({ a: '5', b: 5 })
    expect(parseYaml('a: !!js/function "f"').problems).toMatchObject([{ line: 1, severity: 'error' }])
    expect(parseYaml('a: !custom {b: 1}').problems).toMatchObject([
      { line: 1, message: 'Here stands the tag `!custom`' },
    ])
  })

  test('a key that is a list', () => {
    expect(parseYaml('? [a]\n: 2').problems).toMatchObject([{ line: 1, column: 3 }])
  })
})

describe('locate', () => {
  const { locate } = parseYaml('a:\n  - b: 1\n    c: {d: 2}\ne: 3\n')

  test('finds values and keys', () => {
    expect(locate(['a', 0, 'b'])).toEqual({ line: 2, column: 8 })
    expect(locate(['a', 0, 'b'], 'key')).toEqual({ line: 2, column: 5 })
    expect(locate(['a', 0, 'c', 'd'])).toEqual({ line: 3, column: 12 })
    expect(locate(['e'], 'key')).toEqual({ line: 4, column: 1 })
  })

  test('gives the nearest thing above for what is not there', () => {
    expect(locate(['a', 0, 'z'])).toEqual(locate(['a', 0]))
    expect(locate(['a', 7, 'b'])).toEqual(locate(['a']))
    expect(locate(['z'])).toEqual({ line: 1, column: 1 })
    expect(locate([])).toEqual({ line: 1, column: 1 })
  })
})
