import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { HeschlError } from '../../../src-main/errors.ts'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { audioInfo, decodeAudio, loadSpeech } from '../../../src-main/stimuli/index.ts'

interface Recording {
  readonly name: string
  readonly rate: number
  readonly channels: number
  readonly length: number
  readonly lossy: boolean
}
const reference = (name: string) => fileURLToPath(new URL(`../../reference/stimuli/${name}`, import.meta.url))
const recordings = JSON.parse(readFileSync(reference('index.json'), 'utf8')) as readonly Recording[]

let folder: string
let path: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heschl-audio-'))
  path = join(folder, 'made')
})
afterAll(() => rm(folder, { recursive: true }))

const invalid = (found: string | RegExp) =>
  expect.objectContaining({ code: 'AUDIO_INVALID', message: expect.stringMatching(found) as string }) as Error

/** A WAV file: fields of its format chunk, then its data chunk as given. */
function wav(fields: { tag?: number; channels?: number; rate?: number; frame?: number; bits?: number }, data: Buffer) {
  const { tag = 1, channels = 1, rate = 16000, bits = 16, frame = (channels * bits) / 8 } = fields
  const header = Buffer.alloc(44)
  header.write('RIFF', 0)
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8)
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(tag, 20)
  header.writeUInt16LE(channels, 22)
  header.writeUInt32LE(rate, 24)
  header.writeUInt32LE((rate * frame) % 2 ** 32, 28)
  header.writeUInt16LE(frame, 32)
  header.writeUInt16LE(bits, 34)
  header.write('data', 36)
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}

describe('recordings are what libsndfile decodes them to', () => {
  test.each(recordings)('$name', async ({ name, rate, channels, length, lossy }) => {
    const audio = await decodeAudio(reference(name))
    expect({ ...audio, samples: audio.samples.length }).toEqual({
      samples: length,
      rate,
      channels,
      seconds: length / rate,
    })
    const { data } = await readNpy(reference(`${name}.npy`))
    const tolerance = lossy ? 2e-6 : 2 ** -24
    for (const [i, value] of audio.samples.entries()) expect(Math.abs(value - data[i])).toBeLessThanOrEqual(tolerance)
    expect(await audioInfo(reference(name))).toEqual({ rate, channels, seconds: length / rate })
    expect((await loadSpeech(reference(name))).length).toBe(Math.ceil((length * 16000) / rate))
  })
})

test.each([
  ['s16.wav', 'sound.mp3'],
  ['s16.flac', 'sound.wav'],
  ['mono.mp3', 'sound.ogg'],
  ['vorbis.ogg', 'sound.flac'],
  ['opus.ogg', 'sound'],
])('%s is decoded also under the name %s', async (name, other) => {
  const renamed = join(folder, other)
  await writeFile(renamed, await readFile(reference(name)))
  expect(await decodeAudio(renamed)).toEqual(await decodeAudio(reference(name)))
  expect(await audioInfo(renamed)).toEqual(await audioInfo(reference(name)))
})

test.each(['s16.flac', 's16.wav', 'vorbis.ogg', 'mono.mp3'])(
  '%s: what `between` throws ends the work',
  async (name) => {
    let pieces = 0
    await loadSpeech(reference(name), () => pieces++)
    expect(pieces).toBeGreaterThan(1)
    for (let most = 1; most <= pieces; most++) {
      let calls = 0
      const between = () => {
        if (++calls === most) throw new HeschlError('CANCELLED', 'stopped')
      }
      await expect(loadSpeech(reference(name), between)).rejects.toMatchObject({ code: 'CANCELLED' })
      expect(calls).toBe(most)
    }
  },
)

test.each([1, 2, 3])('run %i of the demo study decodes to the MD5 sum of its header', async (run) => {
  const file = fileURLToPath(new URL(`../../../resources/demo/stimuli/run-${run}.flac`, import.meta.url))
  const info = await audioInfo(file)
  const { samples, rate } = await decodeAudio(file)
  expect({ rate, seconds: samples.length / rate }).toEqual({ rate: info.rate, seconds: info.seconds })
})

const speech = new URL('../../../../shared/data/speech/', import.meta.url)
test.skipIf(!existsSync(speech))(
  'LibriSpeech utterances decode to the MD5 sum in their header (skipped where ../shared is absent)',
  async () => {
    const audio = await decodeAudio(fileURLToPath(new URL('2911-12359-0007.flac', speech)))
    expect(audio).toMatchObject({ rate: 16000, channels: 1, seconds: 5.095 })
    const sum = audio.samples.reduce((total, sample) => total + Math.abs(sample), 0)
    expect(sum / audio.samples.length).toBeGreaterThan(0.001)
  },
)

describe('WAV files that cannot be used', () => {
  const silence = Buffer.alloc(200)
  test.each([
    ['a sample rate of 0', wav({ rate: 0 }, silence), '0 Hz'],
    ['no channels', wav({ channels: 0 }, silence), '0 channels'],
    ['65 channels', wav({ channels: 65 }, silence), '65 channels'],
    ['a frame size of 0', wav({ frame: 0 }, silence), 'bytes a frame'],
    ['a frame size that contradicts the bits', wav({ frame: 4 }, silence), '2 bytes a frame'],
    ['0 bits', wav({ bits: 0 }, silence), '0 bits'],
    ['12 bits', wav({ bits: 12, frame: 2 }, silence), '12 bits'],
    ['16-bit float', wav({ tag: 3 }, silence), 'format 3, 16 bits'],
    ['ADPCM', wav({ tag: 2, bits: 4, frame: 1 }, silence), 'format 2, 4 bits'],
    ['no samples', wav({}, Buffer.alloc(0)), 'empty'],
    ['half a sample', wav({}, Buffer.alloc(1)), 'empty'],
    ['truncated samples', wav({}, silence).subarray(0, 100), 'truncated'],
    ['a header alone', wav({}, silence).subarray(0, 30), 'RIFF|format chunk|end of the file'],
    ['no format chunk', Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVEdata\x04\0\0\0abcd')]), 'format chunk before'],
    ['another RIFF file', Buffer.from('RIFF\0\0\0\0AVI LIST'), 'something else'],
    ['no data chunk', wav({}, silence).fill('junk', 36, 40), 'end of the file'],
  ])('%s', async (_, bytes, found) => {
    await writeFile(path, bytes)
    await expect(decodeAudio(path)).rejects.toThrow(invalid(found))
    await expect(audioInfo(path)).rejects.toThrow(invalid(found))
  })
  test('a sample that is not finite is named with its index', async () => {
    for (const value of [NaN, Infinity]) {
      const data = Buffer.alloc(4 * 2 * 100)
      data.writeFloatLE(value, 4 * (2 * 37 + 1))
      await writeFile(path, wav({ tag: 3, channels: 2, bits: 32 }, data))
      await expect(decodeAudio(path)).rejects.toThrow(invalid(`${value} at sample 37`))
    }
  })
  test('a data chunk of unknown size, as programs write into pipes, reaches to the end', async () => {
    const bytes = wav({}, Buffer.alloc(201, 1))
    bytes.writeUInt32LE(0xffffffff, 40)
    await writeFile(path, bytes)
    expect((await decodeAudio(path)).samples).toEqual(new Float32Array(100).fill(257 / 32768))
  })
  test('chunks before the data, of odd length too, are passed over', async () => {
    const whole = wav({}, Buffer.alloc(20, 1))
    const list = Buffer.from('LIST\x05\0\0\0INFO!\0', 'latin1')
    await writeFile(path, Buffer.concat([whole.subarray(0, 36), list, whole.subarray(36)]))
    expect((await decodeAudio(path)).samples.length).toBe(10)
  })
})

describe('other files that cannot be used', () => {
  test('missing, a folder, empty, another format', async () => {
    await expect(decodeAudio(join(folder, 'none.wav'))).rejects.toMatchObject({ code: 'FILE_MISSING' })
    await expect(decodeAudio(folder)).rejects.toMatchObject({ code: 'FILE_UNREADABLE' })
    for (const [bytes, found] of [
      ['', 'an empty file'],
      ['R', 'begins with "R"'],
      ['%PDF-1.7', 'begins with "%PDF"'],
    ]) {
      await writeFile(path, bytes)
      await expect(audioInfo(path)).rejects.toThrow(invalid(found))
    }
  })
  test.each(['s16.flac', 's24.flac', 'vorbis.ogg', 'opus.ogg'])('%s, truncated anywhere', async (name) => {
    const bytes = await readFile(reference(name))
    for (const share of [0.001, 0.01, 0.1, 0.5, 0.9, 0.999]) {
      await writeFile(path, bytes.subarray(0, Math.max(5, Math.floor(bytes.length * share))))
      await expect(decodeAudio(path)).rejects.toMatchObject({ code: 'AUDIO_INVALID' })
    }
  })
  test.each(['stereo.mp3', 'mono.mp3'])('%s, truncated anywhere, with and without an ID3 tag', async (name) => {
    const bytes = await readFile(reference(name))
    // An ID3 tag of 200 bytes: 1 · 128 + 72.
    const tag = Buffer.concat([Buffer.from('ID3\x04\0\0\0\0\x01\x48', 'latin1'), Buffer.alloc(200)])
    for (const before of [Buffer.alloc(0), tag]) {
      const whole = Buffer.concat([before, bytes])
      await writeFile(path, whole)
      expect((await decodeAudio(path)).seconds).toBeCloseTo(0.4)
      for (const share of [0.05, 0.2, 0.4]) {
        await writeFile(path, whole.subarray(0, Math.floor(whole.length * share)))
        await expect(decodeAudio(path)).rejects.toMatchObject({ code: 'AUDIO_INVALID' })
      }
    }
  })
  // Elsewhere the file would be written in full.
  test.skipIf(process.platform !== 'linux')(
    'a recording too long to hold is refused by its header (skipped where files are not sparse)',
    async () => {
      const length = 2 ** 29 + 1
      const header = wav({ bits: 8 }, Buffer.alloc(0))
      header.writeUInt32LE(length, 40)
      await writeFile(path, header)
      await truncate(path, header.length + length)
      expect((await audioInfo(path)).seconds).toBe(length / 16000)
      await expect(decodeAudio(path)).rejects.toThrow(invalid('536,870,913'))
    },
  )
  test('a FLAC sample rate of 0, and a length that is not there', async () => {
    const bytes = await readFile(reference('s16.flac'))
    const rate0 = Buffer.from(bytes)
    rate0.writeUIntBE(rate0.readUIntBE(18, 3) & 15, 18, 3)
    await writeFile(path, rate0)
    await expect(audioInfo(path)).rejects.toThrow(invalid('0 Hz'))
    const longer = Buffer.from(bytes)
    longer.writeUInt32BE(0xffffffff, 22)
    await writeFile(path, longer)
    await expect(decodeAudio(path)).rejects.toThrow(invalid('truncated or damaged'))
  })
  test('damage anywhere in a FLAC file is found; a FLAC file of unknown length is decoded', async () => {
    const bytes = await readFile(reference('s16.flac'))
    for (let i = 1; i < 20; i++) {
      const damaged = Buffer.from(bytes)
      damaged[Math.floor((bytes.length * i) / 20)] ^= 0x10
      await writeFile(path, damaged)
      await expect(decodeAudio(path)).rejects.toMatchObject({ code: 'AUDIO_INVALID' })
    }
    const unknown = Buffer.from(bytes)
    unknown[21] &= 0xf0
    unknown.writeUInt32BE(0, 22)
    await writeFile(path, unknown)
    expect(await audioInfo(path)).toEqual({ rate: 16000, channels: 1, seconds: 0.6 })
  })
  test('a FLAC file without an MD5 sum is decoded, its frames checked by their CRC', async () => {
    const bytes = await readFile(reference('s16.flac'))
    bytes.fill(0, 26, 42)
    await writeFile(path, bytes)
    expect((await decodeAudio(path)).samples.length).toBe(9600)
    bytes[bytes.length - 100] ^= 1
    await writeFile(path, bytes)
    await expect(decodeAudio(path)).rejects.toThrow(invalid('wrong CRC|beyond their bits|partitions|truncated'))
  })
})

describe('damaged files of every kind', () => {
  test.each(recordings)('$name: finite samples or AUDIO_INVALID', async ({ name }) => {
    const bytes = await readFile(reference(name))
    // A fixed sequence, so that a failure can be repeated.
    let state = name.length * 7919
    const next = (below: number) => (state = (Math.imul(state, 1103515245) + 12345) >>> 0) % below
    for (let run = 0; run < 25; run++) {
      const damaged = Buffer.from(bytes)
      const reach = run % 2 ? damaged.length : Math.min(damaged.length, 80)
      for (let flips = 1 + next(4); flips > 0; flips--) damaged[next(reach)] = next(256)
      await writeFile(path, damaged)
      const outcome = await decodeAudio(path).catch((error: unknown) => error)
      if (outcome instanceof Error) expect(outcome).toMatchObject({ code: 'AUDIO_INVALID' })
      else expect((outcome as { samples: Float32Array }).samples.every(Number.isFinite)).toBe(true)
    }
  })
})
