import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { width } from '../../../src-main/cli/format.ts'
import { createProgress, plainLine, progressLine } from '../../../src-main/cli/progress.ts'
import { job } from './job.ts'

/** A terminal or a file that remembers what was written to it. */
function stream(isTTY: boolean, columns = 100) {
  const written: string[] = []
  return { isTTY, columns, written, write: (text: string) => written.push(text) }
}

describe('progressLine', () => {
  test('says share, step, rate, time left and memory', () => {
    expect(progressLine(job, 120)).toBe(
      '██████████░░░░░░░░░░░░░░  43 %  Fit of native transf3, sub-02 · 9.8 s of audio/s · 1 min 20 s left · 1.2 GB',
    )
  })

  test('is a line on any terminal, also one that says it has no columns', () => {
    for (const columns of [-1, 0, 1, 5, 20])
      expect(width(progressLine(job, columns))).toBeLessThanOrEqual(Math.max(12, columns))
    const terminal = stream(true, 0)
    createProgress(terminal, () => 0).show(job)
    expect(terminal.written.join('')).toContain('Fit of native transf3, sub-02')
  })

  test('leaves out what is not known, and falls back to the job’s label', () => {
    const early = { ...job, step: '', rate: '', secondsLeft: null, memoryBytes: 0, fraction: 0 }
    expect(progressLine(early, 80)).toBe('░░░░░░░░░░░░░░░░░░░░   0 %  Run of Example')
    expect(progressLine({ ...early, state: 'cancelling' }, 80)).toContain('Cancelling')
  })

  test('is never wider than it may be, on one line, whatever the job says', () => {
    const strange = fc.record({
      fraction: fc.double(),
      secondsLeft: fc.option(fc.double()),
      memoryBytes: fc.double(),
      step: fc.string({ unit: 'binary' }),
      rate: fc.string({ unit: 'binary' }),
    })
    fc.assert(
      fc.property(strange, fc.integer({ min: 20, max: 200 }), (said, columns) => {
        const line = progressLine({ ...job, ...said }, columns)
        expect(width(line)).toBeLessThanOrEqual(columns)
        expect(line).not.toContain('\n')
        expect(line).not.toContain('\u001b')
      }),
    )
  })

  test('says 100 % of what is done alone', () => {
    expect(progressLine({ ...job, fraction: 0.9999 }, 80)).toContain(' 99 %')
    expect(progressLine({ ...job, fraction: 1 }, 80)).toContain('100 %')
  })
})

test('a plain line says how many steps are done', () => {
  expect(plainLine(job)).toBe(
    ' 43 % (7 of 40 steps)  Fit of native transf3, sub-02 · 9.8 s of audio/s · 1 min 20 s left · 1.2 GB',
  )
})

describe('on a terminal', () => {
  test('one line is rewritten, notes stand above it, and nothing is left at the end', () => {
    const terminal = stream(true)
    let time = 0
    const display = createProgress(terminal, () => time)
    display.show(job)
    time = 1
    display.show({ ...job, fraction: 0.5 })
    display.note('Stopping')
    display.end()
    expect(terminal.written).toEqual([
      progressLine(job, 99),
      '\r\u001b[2K',
      progressLine({ ...job, fraction: 0.5 }, 99),
      '\r\u001b[2K',
      'Stopping\n',
    ])
  })

  test('at most ten times a second, but at once for a new step', () => {
    const terminal = stream(true)
    const display = createProgress(terminal, () => 5)
    for (let i = 0; i < 100; i++) display.show({ ...job, fraction: i / 100 })
    display.show({ ...job, step: 'another' })
    expect(terminal.written.filter((text) => text.includes('%'))).toHaveLength(2)
  })
})

describe('elsewhere', () => {
  test('a line every three seconds, without control characters', () => {
    const file = stream(false)
    let time = 0
    const display = createProgress(file, () => time)
    for (time = 0; time < 10; time += 0.5) display.show(job)
    display.note('a note')
    display.end()
    expect(file.written).toEqual([...Array<string>(4).fill(`${plainLine(job)}\n`), 'a note\n'])
  })
})
