import fc from 'fast-check'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { describePlace, errorCodes, HeschlError, type ErrorParts, type SerializedError } from '../../src-main/errors.ts'

const full: ErrorParts = {
  expected: '20,484 vertices (fsaverage5)',
  found: '40,962 values',
  where: { file: 'func/s1.npy', subject: 'sub-01', stimulus: 's1', hemisphere: 'left' },
  remedy: 'Give the file of the surface that the study names',
  details: { vertices: 20484, problems: ['a', 'b'] },
}

describe('the message', () => {
  test('says what went wrong, where, what was expected and found, and what to do', () => {
    expect(new HeschlError('SHAPE_MISMATCH', 'The recording does not fit the surface', full).message).toBe(
      [
        'The recording does not fit the surface',
        '  where: func/s1.npy, subject sub-01, stimulus s1, left hemisphere',
        '  expected: 20,484 vertices (fsaverage5)',
        '  found: 40,962 values',
        '  what to do: Give the file of the surface that the study names',
      ].join('\n'),
    )
  })

  test('has no line for what is not known', () => {
    expect(new HeschlError('CANCELLED', 'Cancelled').message).toBe('Cancelled')
    expect(new HeschlError('NUMERICAL', 'Not positive definite', { where: {} }).message).toBe('Not positive definite')
  })

  test('keeps its cause, and is an Error of its own name', () => {
    const cause = new RangeError('inner')
    const error = new HeschlError('INTERNAL', 'Outer', { cause })
    expect(error).toBeInstanceOf(Error)
    expect(error.name).toBe('HeschlError')
    expect(error.cause).toBe(cause)
    expect('cause' in new HeschlError('INTERNAL', 'Outer')).toBe(false)
  })
})

describe('a place in words', () => {
  test.each([
    [{}, ''],
    [{ file: 'study.yaml' }, 'study.yaml'],
    [{ file: 'study.yaml', line: 3 }, 'study.yaml:3'],
    [{ file: 'study.yaml', line: 3, column: 7 }, 'study.yaml:3:7'],
    [{ file: 'study.yaml', column: 7 }, 'study.yaml'],
    [{ line: 3, column: 7 }, 'line 3:7'],
    [
      { file: 'model.safetensors', tensor: 'encoder.layer_norm.weight' },
      'model.safetensors, tensor encoder.layer_norm.weight',
    ],
    [
      { subject: 'sub-01', stimulus: 's1', hemisphere: 'right' as const, step: 'fit w2v transf3' },
      'subject sub-01, stimulus s1, right hemisphere, step fit w2v transf3',
    ],
  ])('%j is "%s"', (where, words) => {
    expect(describePlace(where)).toBe(words)
  })
})

describe('across a process or a network', () => {
  const text = fc.string({ maxLength: 40 })
  const known = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
  const serialized: fc.Arbitrary<SerializedError> = fc
    .record({
      code: fc.constantFrom(...errorCodes),
      summary: text,
      expected: known(text),
      found: known(text),
      where: known(
        fc.record(
          {
            file: text,
            line: fc.nat(),
            column: fc.nat(),
            hemisphere: fc.constantFrom('left' as const, 'right' as const),
          },
          { requiredKeys: [] },
        ),
      ),
      remedy: known(text),
      details: known(fc.dictionary(fc.string({ minLength: 1 }), fc.jsonValue())),
    })
    .map(({ code, summary, ...parts }) => {
      const given = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)) as ErrorParts
      return new HeschlError(code, summary, given).serialize()
    })

  test('nothing of it is lost, through JSON or a structured clone', () => {
    fc.assert(
      fc.property(serialized, (error) => {
        for (const crossed of [JSON.parse(JSON.stringify(error)) as SerializedError, structuredClone(error)]) {
          const there = HeschlError.deserialize(crossed)
          expect(there.message).toBe(error.message)
          expect(JSON.stringify(there.serialize())).toBe(JSON.stringify(error))
        }
      }),
    )
  })

  test('only what is known is sent, and never the cause: it may hold anything', () => {
    const error = new HeschlError('DISK_FULL', 'The disk is full', { cause: new Error('with a stack') })
    expect(error.serialize()).toEqual({ code: 'DISK_FULL', summary: 'The disk is full', message: 'The disk is full' })
    expect(Object.keys(new HeschlError('SHAPE_MISMATCH', 'x', full).serialize())).toEqual([
      ...['code', 'summary', 'message', 'expected', 'found', 'where', 'remedy', 'details'],
    ])
  })
})

describe('any thrown value as a HeschlError', () => {
  const system = (code: string, path?: string) =>
    Object.assign(new Error(`${code}: told by the system`), { code, path })

  test('one that is one already is left as it is', () => {
    const error = new HeschlError('NUMERICAL', 'x')
    expect(HeschlError.from(error, { file: 'other' })).toBe(error)
  })

  test.each([
    ['ENOENT', 'FILE_MISSING'],
    ...['EACCES', 'EPERM', 'EISDIR', 'ENOTDIR', 'EIO'].map((code) => [code, 'FILE_UNREADABLE']),
    ...['ENOSPC', 'EDQUOT', 'SQLITE_FULL'].map((code) => [code, 'DISK_FULL']),
    ['EPIPE', 'INTERNAL'],
  ])('%s is %s, with the cause, the place and what to do', (code, expected) => {
    const cause = system(code)
    const error = HeschlError.from(cause, { file: 'a.wav', subject: 'sub-01' })
    expect(error.code).toBe(expected)
    expect(error.cause).toBe(cause)
    expect(error.parts.where).toEqual({ file: 'a.wav', subject: 'sub-01' })
    expect(error.parts.remedy).toBeTruthy()
    expect(error.message).not.toContain('    at ')
  })

  test('the file is the one the system names, unless the caller names it', () => {
    expect(HeschlError.from(system('ENOENT', '/found')).parts.where).toEqual({ file: '/found' })
    expect(HeschlError.from(system('ENOENT', '/found'), { file: 'named' }).parts.where).toEqual({ file: 'named' })
    expect(HeschlError.from(system('ENOENT')).parts.where).toEqual({})
  })

  test('what the file system really throws', () => {
    const folder = mkdtempSync(join(tmpdir(), 'heschl-errors-'))
    const caught = (work: () => unknown) => {
      try {
        work()
      } catch (error) {
        return HeschlError.from(error)
      }
      throw new Error('nothing was thrown')
    }
    try {
      const missing = caught(() => readFileSync(join(folder, 'absent')))
      expect(missing.code).toBe('FILE_MISSING')
      expect(missing.parts.where?.file).toBe(join(folder, 'absent'))
      expect(caught(() => readFileSync(folder)).code).toBe('FILE_UNREADABLE')
      writeFileSync(join(folder, 'file'), '')
      expect(caught(() => writeFileSync(join(folder, 'file', 'inside'), '')).code).toMatch(/^FILE_/)
    } finally {
      rmSync(folder, { recursive: true })
    }
  })

  test.each([
    [new TypeError('x is not a function'), 'x is not a function'],
    ['a text', 'a text'],
    [undefined, 'undefined'],
    [null, 'null'],
    [{ code: 'ENOENT' }, '[object Object]'],
    [Object.assign(new Error('odd'), { code: 7 }), 'odd'],
  ])('anything else (%s) is INTERNAL, and says what it was', (thrown, said) => {
    const error = HeschlError.from(thrown, { step: 'fit' })
    expect(error.code).toBe('INTERNAL')
    expect(error.summary).toContain(said)
    expect(error.cause).toBe(thrown)
    expect(error.parts.where).toEqual({ step: 'fit' })
  })
})

test('codes are unique, and in alphabetical order', () => {
  expect([...new Set(errorCodes)].sort()).toEqual([...errorCodes])
})
