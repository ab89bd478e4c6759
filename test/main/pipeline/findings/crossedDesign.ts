/** The small crossed design of test/reference/findings as stored scores: a region's score at each of its vertices. */
import { readFileSync } from 'node:fs'
import { parseTsv } from '../../../../src-main/formats/tsv.ts'
import type { Finding } from '../../../../src-main/contract/findings.ts'
import { createGemm } from '../../../../src-main/linalg/gemm.ts'
import type { Scores } from '../../../../src-main/pipeline/findings/input.ts'
import { regimes } from '../../../../src-main/pipeline/findings/regimes/regimes.ts'
import type { FindingResult } from '../../../../src-main/pipeline/findings/result.ts'
import { figuresSchema } from '../../../../src-main/study/figures.ts'
import type { Study } from '../../../../src-main/study/schema.ts'
import type { CorticalSurface } from '../../../../src-main/surfaces/index.ts'
import { Rows } from '../../../../src-renderer/figures/findingRows.ts'
import { plantedScores } from '../../../support/plantedScores.ts'
import type { PlantedModel } from '../../../support/plantedScores.ts'

const file = (name: string) => readFileSync(new URL(`../../../reference/findings/${name}`, import.meta.url), 'utf8')

/** An octahedron a hemisphere; vertices of regions one, two and three: 2, 3 and 1. */
export function octahedra(labels: readonly number[] = [1, 1, 2, 2, 2, 3]): CorticalSurface {
  const hemisphere = (shift: number) => {
    const points = Float32Array.from([1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1, 0, 0, 0, 1, 0, 0, -1], (x) => 30 * x)
    for (let v = 0; v < 6; v++) points[3 * v] += shift
    const triangles = [0, 2, 4, 2, 1, 4, 1, 3, 4, 3, 0, 4, 2, 0, 5, 1, 2, 5, 3, 1, 5, 0, 3, 5]
    return {
      ...{ folded: points, inflated: points, triangles: Uint32Array.from(triangles) },
      ...{ sulc: new Float32Array(6), labels: Uint16Array.from(labels) },
    }
  }
  const regions = ['', 'one', 'two', 'three'].map((name) => ({ name, colour: [90, 90, 90] as const }))
  return { name: 'octahedra', schematic: true, left: hemisphere(-40), right: hemisphere(40), regions, notes: [] }
}

export const crossedModels: readonly PlantedModel[] = [
  { id: 'w2v-en', regime: 'native', language: 'english' },
  { id: 'w2v-fr', regime: 'native', language: 'French' },
  { id: 'audio', regime: 'non-speech' },
  { id: 'random', regime: 'untrained' },
  { id: 'labels', regime: 'supervised', language: 'english' },
]

/** @param encoding the study's; `standard` where it is left out */
export function crossedScores(encoding: Study['encoding'] = { preset: 'standard' }): Scores {
  const known = new Map<string, number>()
  const subjects = new Map<string, string>()
  for (const { values } of parseTsv(file('regimes.tsv'), 'regimes.tsv').rows) {
    const [subject, language, model, region, score] = values
    subjects.set(subject, language)
    known.set(`${subject} ${model} ${region}`, Number(score))
  }
  const surface = octahedra()
  const names = [...surface.left.labels, ...surface.right.labels].map((label) => surface.regions[label].name)
  return plantedScores({
    ...{ surface, models: crossedModels, seed: 1, encoding },
    subjects: [...subjects].map(([id, language]) => ({ id, language })),
    score: ({ subject, model, vertex }) => known.get(`${subject.id} ${model.id} ${names[vertex]}`)!,
  })
}

export interface Expected {
  readonly contrasts: readonly (Readonly<Record<string, number>> &
    Readonly<Record<'group' | 'higher' | 'region', string>>)[]
  readonly mixed: readonly {
    readonly group: string
    readonly region: string
    readonly terms: Readonly<Record<string, readonly [number, number]>>
    readonly variance: number
    readonly residual: number
  }[]
  readonly specialisation: readonly {
    readonly group: string
    readonly region: string
    readonly higher: string
    readonly index: number
  }[]
}

export const expected = JSON.parse(file('regimes.json')) as Expected

const gemm = createGemm()

/** The analysis with these options. */
export async function analysed(
  scores: Scores,
  options: Readonly<Record<string, unknown>> = {},
): Promise<FindingResult> {
  const { regimes: parsed } = figuresSchema.parse({ regimes: { resamples: 200, ...options } })
  return regimes(scores, parsed, { progress: () => undefined, cancelled: () => false }, await gemm)
}

/** A finding's table by row. */
export const rowsOf = ({ tables }: Pick<Finding, 'tables'>, name: string) => new Rows({ tables } as Finding, name)
