import { expect, test } from 'vitest'
import { parseStudy } from '../../../src-main/study/parse.ts'
import type { YamlMemory } from '../../../src-main/study/yamlMemory.ts'
import { yamlOf } from '../../../src-main/study/yamlMemory.ts'
import { example } from './example.ts'

/** Holds JSON, as the store does. */
function memory(): YamlMemory & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return {
    kept,
    known: (name, stamp) => {
      const text = kept.get(`${name} ${stamp}`)
      return text === undefined ? undefined : (JSON.parse(text) as unknown)
    },
    keepKnown: (name, stamp, value) => void kept.set(`${name} ${stamp}`, JSON.stringify(value)),
  }
}

test('a text that was read before is the same study, with the same places', () => {
  const own = memory()
  const first = parseStudy(example, own)
  expect(own.kept.size).toBe(1)
  const again = parseStudy(example, own)
  expect(again.study).toEqual(first.study)
  expect(first.study).not.toBeNull()
  for (const part of ['key', 'value'] as const)
    expect(again.locate(['subjects', 0, 'recordings', 0, 'data'], part)).toEqual(
      first.locate(['subjects', 0, 'recordings', 0, 'data'], part),
    )
  expect(own.kept.size).toBe(1)
})

test('what it said of itself then is what is taken, not the text', () => {
  const own = memory()
  yamlOf('name: a', own)
  const [key] = own.kept.keys()
  own.kept.set(key, '{"name":"b"}')
  expect(yamlOf('name: a', own).value).toEqual({ name: 'b' })
  expect(yamlOf('name: c', own).value).toEqual({ name: 'c' })
})

test.each([
  ['a syntax error', 'a: [1, 2'],
  ['a key given twice', 'a: 1\na: 2'],
  ['a number that JSON lacks', 'a: .inf'],
  ['a negative zero', 'a: -0.0'],
  ['a key that JSON would make a prototype', '__proto__: {a: 1}'],
  ['aliases that make it far longer', `a: &a ${'x'.repeat(1000)}\nb: [${'*a, '.repeat(1000)}]`],
])('%s is not kept', (_, text) => {
  const own = memory()
  const first = yamlOf(text, own)
  expect(own.kept.size).toBe(0)
  expect(yamlOf(text, own).value).toEqual(first.value)
})
