/**
 * Stored scores that were never computed: maps with planted differences between regimes, for tests of what is made of
 * scores. Everything in them is synthetic, and nothing in them is a result.
 */
import { seededRandom } from '../../src-main/linalg/random.ts'
import type { FindingInput, FindingSpace, StoredScore } from '../../src-main/pipeline/findings/input.ts'
import { Scores } from '../../src-main/pipeline/findings/input.ts'
import type { CorticalSurface } from '../../src-main/surfaces/index.ts'

export interface PlantedModel {
  readonly id: string
  readonly regime: string
  readonly language?: string
  readonly layers?: readonly string[]
  readonly series?: { readonly axis: 'steps' | 'hours'; readonly at: readonly number[] }
}

export interface Planted {
  readonly surface: CorticalSurface
  readonly models: readonly PlantedModel[]
  readonly subjects: readonly { readonly id: string; readonly language: string }[]
  /** The study's encoding model; its preset alone where it is left out. */
  readonly encoding?: FindingInput['study']['encoding']
  /** What one subject's vertex scores by chance; 0 where it is left out. */
  readonly chance?: (place: PlantedPlace) => number
  /** The score of one subject's vertex. */
  readonly score: (place: PlantedPlace, noise: () => number) => number
  readonly seed: number
}

export interface PlantedPlace {
  readonly model: PlantedModel
  readonly layer: string
  readonly subject: { readonly id: string; readonly language: string }
  readonly at: number | null
  readonly vertex: number
}

/** Maps are made when they are read, the same each time. */
export function plantedScores({ surface, models, subjects, score, seed, ...how }: Planted): Scores {
  const { encoding = { preset: 'standard' }, chance = () => 0 } = how
  const spaces = models.map(({ id, regime, language = '', layers = ['transf0'], series }): FindingSpace => ({
    ...{ id, kind: 'model', regime, language, layers, axis: series?.axis ?? null },
    members: series ? series.at.map((at) => ({ id: `${id}@${at}`, at })) : [{ id, at: null }],
  }))
  const places = new Map<string, Omit<PlantedPlace, 'vertex'>>()
  const scores: StoredScore[] = []
  for (const [m, { members, layers }] of spaces.entries())
    for (const { id, at } of members)
      for (const layer of layers)
        for (const subject of subjects) {
          const key = `${id} ${layer} ${subject.id}`
          places.set(key, { model: models[m], layer, subject, at })
          scores.push({ member: id, layer, subject: subject.id, key })
        }
  const vertices = surface.left.labels.length + surface.right.labels.length
  const seeds = new Map([...places.keys()].map((key, i) => [key, seed * 1_000_003 + i]))
  const input: FindingInput = {
    study: { encoding } as FindingInput['study'],
    measure: { name: 'Pearson r', symbol: 'r' },
    ...{ spaces, subjects, scores, ceilings: [], surface, behaviour: null },
  }
  return new Scores(input, (key, name) => {
    const random = seededRandom(seeds.get(key)! >>> 0)
    const place = places.get(key)!
    const data = Float32Array.from({ length: vertices }, (_, vertex) =>
      name === 'chance' ? chance({ ...place, vertex }) : score({ ...place, vertex }, random.normal),
    )
    return Promise.resolve({ name, shape: [vertices], data })
  })
}
