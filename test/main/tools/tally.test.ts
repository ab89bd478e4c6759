import { expect, test } from 'vitest'
import type { Gate, Outcome } from '../../../tools/gates.mjs'
import { closingLines } from '../../../tools/tally.mjs'
import { reasonOf } from '../../../tools/vitestReporter.mjs'

const gate = (id: string, tests = false): Gate => ({ id, what: id, tests, run: () => Promise.reject(new Error(id)) })
const outcome = (ok: boolean, report?: Outcome['report']): Outcome => ({
  ok,
  output: '',
  ...(report ? { report } : {}),
})
const skipped = (name: string, reason: string) => ({ file: 'test/a.test.ts', name, reason })

test('gates without tests count as one, tests one by one', () => {
  const { lines, failed } = closingLines([
    { gate: gate('lint'), outcome: outcome(true) },
    { gate: gate('format'), outcome: outcome(false) },
    { gate: gate('unit', true), outcome: outcome(true, { passed: 12, failed: 0, skipped: [] }) },
  ])
  expect(lines.at(-1)).toBe('13 passed, 1 failed, 0 skipped')
  expect(failed).toBe(1)
})

test('a gate of tests whose tests fail is not counted a second time', () => {
  const { lines } = closingLines([
    { gate: gate('unit', true), outcome: outcome(false, { passed: 3, failed: 2, skipped: [] }) },
  ])
  expect(lines.at(-1)).toBe('3 passed, 2 failed, 0 skipped')
})

test('a gate of tests that broke counts as failed, though no test did', () => {
  const broken = closingLines([{ gate: gate('unit', true), outcome: outcome(false) }])
  expect(broken.lines.at(-1)).toBe('0 passed, 1 failed, 0 skipped')
  const afterwards = closingLines([
    { gate: gate('unit', true), outcome: outcome(false, { passed: 3, failed: 0, skipped: [] }) },
  ])
  expect(afterwards.lines.at(-1)).toBe('3 passed, 1 failed, 0 skipped')
})

test('skipped tests are named under their reasons, and gates that were not run among them', () => {
  const report = {
    passed: 1,
    failed: 0,
    skipped: [skipped('one', 'no display'), skipped('two', ''), skipped('three', 'no display')],
  }
  const { lines, failed } = closingLines([
    { gate: gate('unit', true), outcome: outcome(true, report) },
    { gate: gate('e2e', true), notRun: 'a gate before it failed' },
  ])
  expect(lines).toEqual([
    '',
    'Skipped:',
    '  no display:',
    '    test/a.test.ts: one',
    '    test/a.test.ts: three',
    '  as its name says:',
    '    test/a.test.ts: two',
    '  a gate before it failed:',
    '    all of e2e',
    '',
    '1 passed, 0 failed, 4 skipped',
  ])
  expect(failed).toBe(0)
})

test.each([
  ['reads LibriSpeech (skipped: ../shared/data is absent)', undefined, '../shared/data is absent'],
  ['window > opens, skipped where the binary is absent', undefined, 'where the binary is absent'],
  ['window > opens (needs ../shared/data)', undefined, 'needs ../shared/data'],
  ['a cancelled step is skipped', undefined, ''],
  ['anything', 'said by the test', 'said by the test'],
])('the reason in %j with note %j is %j', (name, note, reason) => {
  expect(reasonOf(name, note)).toBe(reason)
})
