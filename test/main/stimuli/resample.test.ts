import fc from 'fast-check'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { readNpy } from '../../../src-main/formats/npy.ts'
import { resample } from '../../../src-main/stimuli/resample.ts'

const tone = (rate: number, hertz: number, length: number) =>
  Float32Array.from({ length }, (_, i) => Math.cos((2 * Math.PI * hertz * i) / rate + 0.3))

const decibels = (ratio: number) => 10 * Math.log10(ratio)
const power = (values: Float32Array) => values.reduce((sum, value) => sum + value * value, 0) / values.length
/** Away from the ends, where silence is assumed beyond them. */
const middle = (values: Float32Array) =>
  values.subarray(Math.floor(values.length / 4), Math.ceil((values.length * 3) / 4))

test.each([8000, 11025, 22050, 32000, 44100, 48000])(
  '%i Hz to 16 kHz is scipy’s with the same filter',
  async (rate) => {
    const npy = (end: string) =>
      fileURLToPath(new URL(`../../reference/stimuli/resample-${rate}-${end}.npy`, import.meta.url))
    const input = (await readNpy(npy('in'))).data as Float32Array
    const output = (await readNpy(npy('out'))).data
    const ours = resample(input, rate, 16000)
    expect(ours.length).toBe(output.length)
    for (const [i, value] of ours.entries()) expect(Math.abs(value - output[i])).toBeLessThan(1e-6)
  },
)

describe('tones', () => {
  // float32 input and output alone leave 150 dB.
  test.each([
    [44100, 16000, 50],
    [44100, 16000, 1000],
    [44100, 16000, 7200],
    [48000, 16000, 7200],
    [22050, 16000, 5000],
    [8000, 16000, 3600],
    [192000, 16000, 3000],
    [16000, 44100, 7200],
  ])('%i to %i Hz: %i Hz passes with more than 90 dB of signal to noise, in phase', (from, to, hertz) => {
    const ours = resample(tone(from, hertz, from / 2), from, to)
    const exact = tone(to, hertz, ours.length)
    const error = ours.map((value, i) => value - exact[i])
    expect(decibels(power(middle(exact)) / power(middle(error)))).toBeGreaterThan(90)
  })
  test.each([
    [44100, 16000, 8000],
    [44100, 16000, 8800],
    [44100, 16000, 12000],
    [44100, 16000, 20000],
    [48000, 16000, 15900],
  ])('%i to %i Hz: %i Hz is gone, by more than 100 dB', (from, to, hertz) => {
    const ours = resample(tone(from, hertz, from / 2), from, to)
    expect(decibels(power(middle(ours)) / 0.5)).toBeLessThan(-100)
  })
  test('upsampling leaves no image above the old Nyquist frequency', () => {
    const ours = resample(tone(8000, 3000, 8000), 8000, 16000)
    const image = tone(16000, 5000, ours.length)
    const [inPhase, quadrature] = [0, 0.25 / 5000].map((shift) =>
      middle(ours).reduce((sum, value, i) => sum + value * Math.cos(2 * Math.PI * 5000 * (i / 16000 + shift)), 0),
    )
    expect(decibels((inPhase ** 2 + quadrature ** 2) / (ours.length / 4) ** 2 / power(image))).toBeLessThan(-100)
  })
})

describe('properties', () => {
  const rates = fc.constantFrom(8000, 11025, 16000, 22050, 24000, 44100, 48000)
  const sound = fc.float32Array({ min: -1, max: 1, noNaN: true, maxLength: 600 })
  test('the length is ⌈samples · to / from⌉, whatever the sound', () => {
    fc.assert(
      fc.property(sound, rates, rates, (samples, from, to) => {
        const ours = resample(samples, from, to)
        expect(ours.length).toBe(Math.ceil((samples.length * to) / from))
        expect(ours.every(Number.isFinite)).toBe(true)
      }),
    )
  })
  test('the same rate gives a copy', () => {
    const samples = Float32Array.of(1, 2, 3)
    const copy = resample(samples, 44100, 44100)
    expect(copy).toEqual(samples)
    expect(copy.buffer).not.toBe(samples.buffer)
  })
  test('a constant stays one', () => {
    for (const rate of [8000, 11025, 44100, 48000])
      for (const value of middle(resample(new Float32Array(rate / 4).fill(0.7), rate, 16000)))
        expect(value).toBeCloseTo(0.7, 5)
  })
  test('time runs backwards: a reversed sound gives the reversed result', () => {
    // An odd number of samples and of outputs, so that the last sample is the last output's time: 2:1.
    const samples = Float32Array.from({ length: 801 }, (_, i) => Math.sin(i * i))
    const forward = resample(samples, 32000, 16000)
    const backward = resample(samples.slice().reverse(), 32000, 16000).reverse()
    for (const [i, value] of forward.entries()) expect(Math.abs(value - backward[i])).toBeLessThan(1e-6)
  })
})

test.each([
  [0, 16000],
  [16000, 0],
  [-1, 16000],
  [44100.5, 16000],
  [NaN, 16000],
  [4294967291, 16000],
])('%d to %d Hz is refused', (from, to) => {
  expect(() => resample(new Float32Array(10), from, to)).toThrow(expect.objectContaining({ code: 'OPTION_INVALID' }))
})
