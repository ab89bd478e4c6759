import { describe, expect, test } from 'vitest'
import { parseStudy } from '../../../src-main/study/parse.ts'
import { example } from './example.ts'

const parsed = (compute: string) => parseStudy(`${example}\n${compute}\n`)

describe('`compute`', () => {
  test('is the CPU where the file does not say', () => {
    expect(parseStudy(example).study?.compute).toEqual({ provider: 'cpu' })
    expect(parsed('compute: {}').study?.compute).toEqual({ provider: 'cpu' })
  })

  test.each(['auto', 'cpu', 'cuda', 'webgpu', 'dml', 'coreml'])('names %s', (provider) => {
    const { study, problems } = parsed(`compute: {provider: ${provider}}`)
    expect(problems).toEqual([])
    expect(study?.compute).toEqual({ provider })
  })

  test.each([
    ['compute: {provider: gpu}', /`compute.provider`.*`webgpu`/],
    ['compute: {providr: cpu}', /providr/],
    ['compute: webgpu', /`compute`.*`provider:`/],
  ])('%s is told with its line', (text, message) => {
    const { problems } = parsed(text)
    const line = example.split('\n').length + 1
    expect(problems).toMatchObject([{ severity: 'error', line, message: expect.stringMatching(message) }])
  })
})
