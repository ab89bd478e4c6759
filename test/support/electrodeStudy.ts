/**
 * A small study of electrodes on the schematic cortex, made with the loudness of synthetic sounds: a grid over the left
 * temporal lobe and strips on the right one. Everything in it is synthetic, and nothing in it is a result.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { writeNpy } from '../../src-main/formats/npy.ts'
import { schematicCortex } from '../../src-main/surfaces/index.ts'
import { normal } from '../main/linalg/random.ts'
import { wavBytes } from './smallStudy.ts'

const seconds = 16
const samples = 100 * seconds

export interface ElectrodeStudy {
  /** The study file. */
  readonly path: string
  /** Names in the order of the recordings, by subject. */
  readonly names: Readonly<Record<'a' | 'b', readonly string[]>>
}

/** Loudness at 100 Hz: slow, positive noise. @param length in samples */
export function loudness(seed: number, length: number): Float64Array {
  const next = normal(seed)
  let [slow, value] = [0, 0]
  return Float64Array.from({ length }, () => {
    slow = 0.8 * slow + next()
    value = 0.8 * value + 0.2 * slow
    return Math.abs(value)
  })
}

/** Points `lateral` mm beside the surface's outermost vertex near (y, z). */
function beside(side: 'left' | 'right', y: number, z: number, lateral: number): readonly [number, number, number] {
  const { folded } = cortex()[side]
  const sign = side === 'left' ? -1 : 1
  let best = 0
  for (let at = 0; at < folded.length; at += 3)
    if (Math.hypot(folded[at + 1] - y, folded[at + 2] - z) < 5) best = Math.max(best, sign * folded[at])
  return [sign * (best + lateral), y, z]
}

let drawn: ReturnType<typeof schematicCortex> | undefined
const cortex = () => (drawn ??= schematicCortex())

/** @returns the study, not run */
export async function makeElectrodeStudy(folder: string): Promise<ElectrodeStudy> {
  mkdirSync(folder, { recursive: true })
  const grid = Array.from({ length: 16 }, (_, i) => ({
    name: `G${i + 1}`,
    place: beside('left', -24 + 9 * (i % 4), -18 + 9 * Math.floor(i / 4), 1.5),
    heard: [1.6, 1.2, 0.7, 0.3][i % 4] * [0.4, 1, 0.8, 0.3][Math.floor(i / 4)],
  }))
  const strips = Array.from({ length: 6 }, (_, i) => ({
    name: `S${i + 1}`,
    place: beside('right', -30 + 10 * i, -4, 1),
    heard: [0.2, 0.6, 1.4, 1, 0.4, 0.1][i],
  }))
  const subjects = {
    a: [...grid, { name: 'D1', place: [-28, -10, 4] as const, heard: 0.9 }],
    b: [...strips, { name: 'N1', place: null, heard: 0.8 }],
  }
  const runs = ['s1', 's2'].map((stimulus, i) => ({ stimulus, loud: loudness(20 + i, samples), seed: 30 + i }))
  for (const { stimulus, loud, seed } of runs) {
    const next = normal(seed)
    const audio = Float32Array.from({ length: 16_000 * seconds }, (_, t) => 0.03 * loud[Math.floor(t / 160)] * next())
    writeFileSync(join(folder, `${stimulus}.wav`), wavBytes([audio], 16_000))
  }
  for (const [subject, electrodes] of Object.entries(subjects)) {
    const rows = electrodes.map(({ name, place }) =>
      [name, ...(place ? place.map((value) => value.toFixed(2)) : ['n/a', 'n/a', 'n/a'])].join('\t'),
    )
    writeFileSync(join(folder, `sub-${subject}_electrodes.tsv`), `${['name\tx\ty\tz', ...rows].join('\n')}\n`)
    writeFileSync(
      join(folder, `sub-${subject}_coordsystem.json`),
      JSON.stringify({ iEEGCoordinateSystem: 'schematic', iEEGCoordinateUnits: 'mm' }),
    )
    for (const { stimulus, loud, seed } of runs) {
      const next = normal(seed + (subject === 'a' ? 100 : 200))
      const data = new Float32Array(samples * electrodes.length)
      for (let t = 0; t < samples; t++)
        electrodes.forEach(({ heard }, e) => {
          data[t * electrodes.length + e] = heard * (loud[t - 10 - (e % 5)] ?? 0) + 0.5 * next()
        })
      await writeNpy(join(folder, `${subject}-${stimulus}.npy`), { shape: [samples, electrodes.length], data })
    }
  }
  const recordings = (subject: string) =>
    runs.map(
      ({ stimulus }) =>
        `      - {stimulus: ${stimulus}, data: ${subject}-${stimulus}.npy, rate: 100, electrodes: sub-${subject}_electrodes.tsv}`,
    )
  const path = join(folder, 'study.yaml')
  writeFileSync(
    path,
    [
      ...['heschl: 1', 'name: synthetic electrodes', 'surface: schematic', 'stimuli:'],
      ...runs.map(({ stimulus }) => `  - {id: ${stimulus}, audio: ${stimulus}.wav, synthetic: noise}`),
      'subjects:',
      ...Object.keys(subjects).flatMap((id) => [
        `  - id: ${id}`,
        '    simulated: true',
        '    recordings:',
        ...recordings(id),
      ]),
      ...[
        'spaces:',
        '  - {id: loud, acoustic: rms}',
        '  - {id: edges, acoustic: envelope}',
        'encoding: {preset: trf}',
        '',
      ],
    ].join('\n'),
  )
  return { path, names: { a: subjects.a.map(({ name }) => name), b: subjects.b.map(({ name }) => name) } }
}
