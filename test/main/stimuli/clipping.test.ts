import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { loadSpeech } from '../../../src-main/stimuli/index.ts'

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-clipping-'))
  path = join(folder, 'recording.wav')
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A 16 kHz WAV file of 16-bit integers, or of floats. */
async function write(samples: readonly number[], channels = 1, float = false): Promise<void> {
  const width = float ? 4 : 2
  const bytes = Buffer.alloc(44 + samples.length * width)
  bytes.write('RIFF', 0, 'latin1')
  bytes.writeUInt32LE(bytes.length - 8, 4)
  bytes.write('WAVEfmt ', 8, 'latin1')
  bytes.writeUInt32LE(16, 16)
  bytes.writeUInt16LE(float ? 3 : 1, 20)
  bytes.writeUInt16LE(channels, 22)
  bytes.writeUInt32LE(16_000, 24)
  bytes.writeUInt32LE(16_000 * channels * width, 28)
  bytes.writeUInt16LE(channels * width, 32)
  bytes.writeUInt16LE(width * 8, 34)
  bytes.write('data', 36, 'latin1')
  bytes.writeUInt32LE(samples.length * width, 40)
  samples.forEach((sample, i) => {
    if (float) bytes.writeFloatLE(sample, 44 + i * width)
    else bytes.writeInt16LE(sample, 44 + i * width)
  })
  await writeFile(path, bytes)
}

const sine = (amplitude: number, length = 16_000) =>
  Array.from({ length }, (_, i) => Math.round(Math.max(-32768, Math.min(32767, amplitude * Math.sin(i / 7)))))

describe('a recording whose peaks are cut off', () => {
  test('is refused under a code of its own, and taken where that is said', async () => {
    await write(sine(50_000))
    await expect(loadSpeech(path)).rejects.toMatchObject({
      code: 'AUDIO_CLIPPED',
      message: expect.stringMatching(/at most 0\.01 % .*\n.*found: \d+ %/) as string,
    })
    expect((await loadSpeech(path, undefined, 'accept')).length).toBe(16_000)
  })

  test('in one channel of two', async () => {
    await write(
      sine(50_000).flatMap((sample) => [100, sample]),
      2,
    )
    await expect(loadSpeech(path)).rejects.toMatchObject({ code: 'AUDIO_CLIPPED' })
  })

  test('of floats beyond ±1 that were brought back to it', async () => {
    await write(
      sine(50_000).map((sample) => Math.max(-1, Math.min(1, sample / 30_000))),
      1,
      true,
    )
    await expect(loadSpeech(path)).rejects.toMatchObject({ code: 'AUDIO_CLIPPED' })
  })
})

describe('what is no clipping', () => {
  test.each([
    ['a sine that just reaches full scale', sine(32_767)],
    ['pairs at full scale', sine(1000).map((sample, i) => (i % 50 < 2 ? 32_767 : sample))],
    ['full scale in turns', sine(1000).map((_, i) => (i % 2 === 0 ? 32_767 : -32_768))],
    ['one cut-off peak in a long recording', sine(1000, 64_000).map((sample, i) => (i < 6 ? 32_767 : sample))],
    ['silence', new Array<number>(16_000).fill(0)],
  ])('%s', async (_, samples) => {
    await write(samples)
    expect((await loadSpeech(path)).length).toBe(samples.length)
  })

  test('floats beyond ±1, which nothing cut off', async () => {
    await write(
      sine(50_000).map((_, i) => 1.5 * Math.sin(i / 7)),
      1,
      true,
    )
    expect((await loadSpeech(path)).length).toBe(16_000)
  })

  test('the demo study’s speech', async () => {
    const speech = fileURLToPath(new URL('../../../resources/demo/stimuli/', import.meta.url))
    const recordings = (await readdir(speech)).filter((name) => /\.(flac|wav|ogg|mp3)$/.test(name))
    expect(recordings.length).toBeGreaterThan(0)
    for (const name of recordings) expect((await loadSpeech(join(speech, name))).length).toBeGreaterThan(0)
  })
})
