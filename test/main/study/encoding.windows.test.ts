import { expect, test } from 'vitest'
import { resolveEncoding } from '../../../src-main/study/encoding.ts'
import { checkMeaning } from '../../../src-main/study/meaning.ts'
import { studySchema } from '../../../src-main/study/schema.ts'

const encodingOf = (encoding: object) => studySchema.shape.encoding.parse(encoding)

test('windows: of a length with a stride, of the past, or the whole recording', () => {
  expect(resolveEncoding(encodingOf({}))).toMatchObject({ window: 10, stride: 5, norm: 'window' })
  expect(resolveEncoding(encodingOf({ window: 8, stride: 2 }))).toMatchObject({ window: 8, stride: 2 })
  expect(resolveEncoding(encodingOf({ window: 'none' }))).toMatchObject({ window: 'none', stride: null })
  const causal = { causal: 10, step: 0.5 }
  expect(resolveEncoding(encodingOf({ window: causal, norm: 'recording' }))).toMatchObject({
    window: causal,
    stride: null,
    norm: 'recording',
  })
})

test.each([{ window: 0 }, { window: 'all' }, { window: { causal: 10 } }, { norm: 'file' }])(
  '%j is refused',
  (given) => {
    expect(studySchema.shape.encoding.safeParse(given).success).toBe(false)
  },
)

test('a stride is of windows of a length', () => {
  const findings = (encoding: object) =>
    checkMeaning({ encoding }).filter(({ path }) => path[0] === 'encoding' && path[1] === 'stride')
  expect(findings({ window: 'none', stride: 5 })).toHaveLength(1)
  expect(findings({ window: { causal: 10, step: 0.5 }, stride: 5 })).toHaveLength(1)
  expect(findings({ window: 3, stride: 5 })).toHaveLength(1)
  expect(findings({ window: 10, stride: 5 })).toHaveLength(0)
})
