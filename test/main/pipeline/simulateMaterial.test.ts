/** The demo study's speech: what resources/demo says of it, held against the sound itself. */
import { readFileSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, test } from 'vitest'
import { loadSpeech } from '../../../src-main/stimuli/index.ts'

const folder = fileURLToPath(new URL('../../../resources/demo/', import.meta.url))
const rate = 16_000

interface Timed {
  readonly onset: number
  readonly duration: number
  readonly label: string
}

function table(name: string): Timed[] {
  const [header, ...rows] = readFileSync(`${folder}stimuli/${name}.tsv`, 'utf8').trimEnd().split('\n')
  expect(header).toMatch(/^onset\tduration\t(word|phone)$/)
  return rows.map((row) => {
    const [onset, duration, label] = row.split('\t')
    return { onset: Number(onset), duration: Number(duration), label }
  })
}

const story = readFileSync(`${folder}make/story.txt`, 'utf8')
  .split(/^# \d+$/m)
  .slice(1)

test('the sound is under 3 MB in all', () => {
  const names = readdirSync(`${folder}stimuli`).filter((name) => name.endsWith('.flac'))
  expect(names).toHaveLength(3)
  expect(names.reduce((sum, name) => sum + statSync(`${folder}stimuli/${name}`).size, 0)).toBeLessThan(3_000_000)
})

describe.each([1, 2, 3])('run %i', (run) => {
  const words = table(`run-${run}.words`)
  const phones = table(`run-${run}.phones`)
  let sound: Float32Array
  beforeAll(async () => {
    sound = await loadSpeech(`${folder}stimuli/run-${run}.flac`)
  })

  /** Root mean square between two times in seconds. */
  const level = (from: number, to: number) => {
    const samples = sound.subarray(Math.round(from * rate), Math.round(to * rate))
    return Math.sqrt(samples.reduce((sum, value) => sum + value * value, 0) / samples.length)
  }

  test('is about two minutes', () => {
    expect(sound.length / rate).toBeGreaterThan(100)
    expect(sound.length / rate).toBeLessThan(140)
  })

  test('has the words of the story, in order', () => {
    const written = story[run - 1].toLowerCase().match(/[a-z']+/g)
    expect(words.map(({ label }) => label)).toEqual(written)
  })

  test('words and phones follow one another and end before the sound does', () => {
    for (const rows of [words, phones]) {
      rows.forEach(({ onset, duration }, i) => {
        expect(duration).toBeGreaterThan(0)
        const next = rows[i + 1]?.onset ?? sound.length / rate - 2
        expect(onset + duration).toBeLessThanOrEqual(next + 0.0002)
      })
    }
  })

  test('every word is made of whole phones', () => {
    const starts = new Set(phones.map(({ onset }) => onset.toFixed(3)))
    for (const { onset } of words) expect(starts.has(onset.toFixed(3))).toBe(true)
  })

  test('sound begins with the first word: to within 20 ms', () => {
    expect(level(0, words[0].onset - 0.03)).toBe(0)
    const first = sound.findIndex((value) => Math.abs(value) > 0.002)
    expect(Math.abs(first / rate - words[0].onset)).toBeLessThan(0.02)
  })

  test('pauses between words are quiet, words are not', () => {
    let pauses = 0
    words.forEach(({ onset, duration }, i) => {
      expect(level(onset, onset + duration)).toBeGreaterThan(0.005)
      const next = words[i + 1]
      const end = onset + duration
      // The last phone rings on for some tens of milliseconds
      if (!next || next.onset - end < 0.25) return
      pauses++
      expect(level(end + 0.12, next.onset - 0.02)).toBeLessThan(0.004)
    })
    expect(pauses).toBeGreaterThan(10)
  })
})
