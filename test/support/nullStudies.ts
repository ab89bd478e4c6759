/**
 * Studies in which there is nothing to find, from responses to group tests: how often the tests find something. Spheres
 * with bands for regions, two made-up networks of one kind, the `standard` protocol; files, fits and tests are the
 * program's own.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { npyBytes } from '../../src-main/formats/npy.ts'
import type { Adjacency } from '../../src-main/linalg/adjacency.ts'
import { createGemm } from '../../src-main/linalg/gemm.ts'
import type { Gemm } from '../../src-main/linalg/gemm.ts'
import { zeros32 } from '../../src-main/linalg/matrix.ts'
import type { Matrix32 } from '../../src-main/linalg/matrix.ts'
import { computeFit, SharedRidge } from '../../src-main/pipeline/fits.ts'
import { ResponseCache } from '../../src-main/pipeline/responseCache.ts'
import type { FitTask } from '../../src-main/pipeline/tasks.ts'
import { summarize } from '../../src-main/scoring/index.ts'
import { adjust, pairedDifferences, signFlipTest, tfceDefaults, wilcoxon } from '../../src-main/statistics/index.ts'
import type { Alternative } from '../../src-main/statistics/result.ts'
import { resolveEncoding } from '../../src-main/study/encoding.ts'
import { bandedCortex, network, prepared, row } from './simulated.ts'
import type { Network } from './simulated.ts'

export interface NullStudyOptions {
  readonly studies: number
  readonly listeners: number
  /** Of the icosphere: 42 vertices a hemisphere at 1, 162 at 2. */
  readonly level: number
  /** Of each run. */
  readonly volumes: readonly number[]
  /** Sign flips of a permutation test. */
  readonly flips: number
  /**
   * `nothing`: noise alone. `equal`: both networks have the same weight on average, and every listener one of their own
   * (SD of its logarithm 1).
   */
  readonly planted: 'nothing' | 'equal'
  /** Contiguous folds over both runs, or a run each. */
  readonly folds: number | 'runs'
  /** Volumes beside what a fold holds out that it does not train on either. */
  readonly gap?: number
  /** Of the noise, from one volume to the next. */
  readonly autocorrelation: number
  /** How often responses are shifted in time for scores to be held against theirs, too; 0: not at all. */
  readonly shifts?: number
  readonly seed: number
}

/** Of so many tests, so many found what is not there. */
export interface FalsePositives {
  /** What is compared: "score > 0". */
  readonly what: string
  readonly test: string
  readonly correction: string
  readonly found: number
  readonly tests: number
}

export interface NullStudies {
  readonly rates: readonly FalsePositives[]
  /** Of the first network: mean over studies, listeners and vertices, and its standard error over studies. */
  readonly score: Mean
  /** Of the first network, less its shifted score; 0 where none is asked for. */
  readonly above: Mean
  /** First network less second: what there is to find is not nothing where this is not 0. */
  readonly difference: Mean
}

export interface Mean {
  readonly mean: number
  readonly error: number
}

const alpha = 0.05
const region = 'STS'

export async function nullStudies(options: NullStudyOptions): Promise<NullStudies> {
  const folder = mkdtempSync(join(tmpdir(), 'heschl-null-'))
  const gemm = await createGemm()
  try {
    return await runStudies(options, folder, gemm)
  } finally {
    await gemm.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runStudies(options: NullStudyOptions, folder: string, gemm: Gemm): Promise<NullStudies> {
  const { level, volumes, planted, seed, studies, listeners, shifts = 0 } = options
  const surface = bandedCortex(level)
  const labels = Uint16Array.from([...surface.left.labels, ...surface.right.labels])
  const networks = ['a', 'b'].map((model, i) => network(model, seed + i, volumes, ['only'], 24))
  const mixed = networks.map(({ model }) => row({ region, model, layer: 'only', signal: 0.3, weight_sd: 1 }))
  const { plan, draw } = await prepared(surface, planted === 'nothing' ? [] : mixed, networks)
  plan.autocorrelation.fill(options.autocorrelation)
  const fits = networks.map((one) => new Fit(one, surface.left.labels.length, gemm, options))
  const tally = new Tally()
  const means: number[] = []
  const differences: number[] = []
  const overChance: number[] = []
  for (let study = 0; study < studies; study++) {
    // A seed a study: listeners, mixtures and noise are new, what they hear is not.
    const listener = draw(seed + 1000 + study)
    const scores = networks.map(() => zeros32(listeners, labels.length))
    const surrogates = networks.map(() => zeros32(listeners, labels.length))
    for (let i = 0; i < listeners; i++) {
      const runs = await listener(`sim-${i}`)
      const recordings = written(runs, folder)
      for (const [which, fit] of fits.entries()) {
        const { r, chance } = await fit.scores(recordings, `${study} ${i}`, shifts)
        scores[which].data.set(r, i * labels.length)
        if (chance) surrogates[which].data.set(chance, i * labels.length)
      }
    }
    const groups = { labels, regions: surface.regions.length, adjacency: plan.adjacency, gemm, flips: options.flips }
    if (planted === 'nothing') {
      await tally.add('score > 0', scores[0], 'greater', groups, study)
      await tally.add('score ≠ 0', scores[0], 'two-sided', groups, study)
    }
    const less = (a: Matrix32, b: Matrix32) => pairedDifferences(a, b) as Matrix32
    const difference = less(scores[0], scores[1])
    await tally.add('A ≠ B', difference, 'two-sided', groups, study)
    await tally.add('A > B', difference, 'greater', groups, study)
    await tally.add('B > A', less(scores[1], scores[0]), 'greater', groups, study)
    overChance.push(shifts > 0 ? summarize(less(scores[0], surrogates[0]).data).mean : 0)
    if (shifts > 0) {
      const [a, b] = scores.map((score, which) => less(score, surrogates[which]))
      await tally.add('score > shifted', a, 'greater', groups, study)
      await tally.add('A − shifted ≠ B − shifted', less(a, b), 'two-sided', groups, study)
      await tally.add('A − shifted > B − shifted', less(a, b), 'greater', groups, study)
      await tally.add('B − shifted > A − shifted', less(b, a), 'greater', groups, study)
    }
    means.push(summarize(scores[0].data).mean)
    differences.push(summarize(difference.data).mean)
  }
  return { rates: tally.rates(), score: meanOf(means), above: meanOf(overChance), difference: meanOf(differences) }
}

function meanOf(values: readonly number[]): Mean {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)
  return { mean, error: Math.sqrt(variance / values.length) }
}

/** A listener's recordings, one after another in the same files. */
function written(runs: readonly Matrix32[], folder: string): FitTask['recordings'] {
  const recordings = []
  for (const [i, { data, rows, cols }] of runs.entries()) {
    const files = join(folder, `run-${i}.npy`)
    // Not flushed to the disk, as `writeNpy` does: thousands of these are written, and nobody keeps them.
    writeFileSync(
      files,
      Buffer.concat([...npyBytes({ shape: [rows, cols], data: data as Float32Array<ArrayBuffer> }, files)]),
    )
    recordings.push({ stimulus: `run-${i}`, files, tr: 2 })
  }
  return recordings
}

/** Cross-validated ridge on one network, as a step of a study fits it. */
class Fit {
  readonly #shared = new SharedRidge()
  readonly #network: Network
  readonly #half: number
  readonly #gemm: Gemm
  readonly #how: Pick<NullStudyOptions, 'folds' | 'gap'>

  constructor(network: Network, half: number, gemm: Gemm, how: Pick<NullStudyOptions, 'folds' | 'gap'>) {
    this.#how = how
    this.#network = network
    this.#half = half
    this.#gemm = gemm
  }

  /** [vertices] each. @param identity of the recordings, for shifts in time */
  async scores(
    recordings: FitTask['recordings'],
    identity: string,
    shifts: number,
  ): Promise<{ readonly r: Float32Array; readonly chance: Float32Array | undefined }> {
    const { folds, gap = 0 } = this.#how
    const task: FitTask = {
      kind: 'fit',
      designKey: this.#network.model,
      designs: this.#network.designs.map(([design]) => design),
      ...{ subject: 'sim', identity, recordings, vertices: { left: this.#half, right: this.#half } },
      encoding: resolveEncoding({
        ...{ preset: 'standard', folds, gap },
        chance: shifts > 0 ? { shifts, seed: 1 } : 'zero',
      }),
    }
    const context = { progress: () => {}, cancelled: () => false }
    const { arrays } = await computeFit(task, this.#shared, new ResponseCache(0), { gemm: this.#gemm }, context)
    const named = (wanted: string) => arrays.find(({ name }) => name === wanted)?.data as Float32Array | undefined
    return { r: named('r')!, chance: named('chance') }
  }
}

type Named = Pick<FalsePositives, 'what' | 'test' | 'correction'>

interface Groups {
  readonly labels: Uint16Array
  readonly regions: number
  readonly adjacency: Adjacency
  readonly gemm: Gemm
  readonly flips: number
}

/** Counts what group tests find. */
class Tally {
  readonly #counts = new Map<string, FalsePositives>()

  /** @param values [listeners, vertices] */
  async add(what: string, values: Matrix32, alternative: Alternative, groups: Groups, seed: number): Promise<void> {
    const { labels, regions, adjacency, gemm, flips } = groups
    const paired = { alternative, zeros: 'wilcox', method: 'auto', continuity: false } as const
    const { p } = wilcoxon(values, paired)
    const tested = p.filter((value) => !Number.isNaN(value))
    const wilcoxonOf = { what, test: 'Wilcoxon, a vertex', correction: 'none' }
    this.#count(wilcoxonOf, tested.filter((value) => value <= alpha).length, tested.length)
    const family = { what, test: 'Wilcoxon, any vertex', correction: 'Benjamini–Hochberg' }
    this.#any(family, adjust(p, 'benjamini-hochberg'))
    const means = zeros32(values.rows, regions)
    for (let i = 0; i < values.rows; i++) {
      const map = values.data.subarray(i * values.cols, (i + 1) * values.cols)
      means.data.set(summarize(Float32Array.from(map), labels, regions).byRegion, i * regions)
    }
    const own = wilcoxon(means, paired).p.filter((value) => !Number.isNaN(value))
    const regional = { what, test: 'Wilcoxon, a region', correction: 'none' }
    this.#count(regional, own.filter((value) => value <= alpha).length, own.length)
    this.#any(
      { what, test: 'Wilcoxon, any region', correction: 'Benjamini–Hochberg' },
      adjust(own, 'benjamini-hochberg'),
    )
    const flip = { alternative, permutations: flips, seed: seed + 1 }
    const largest = await signFlipTest(values, { ...flip, statistic: 't' }, { gemm })
    this.#any({ what, test: 'sign flips, any vertex', correction: 'largest t' }, largest.pMax)
    const enhanced = await signFlipTest(values, { ...flip, statistic: { adjacency, ...tfceDefaults } }, { gemm })
    this.#any({ what, test: 'sign flips, any vertex', correction: 'largest TFCE' }, enhanced.pMax)
  }

  #any(name: Named, p: Float64Array): void {
    this.#count(name, p.some((value) => value <= alpha) ? 1 : 0, 1)
  }

  #count(name: Named, found: number, tests: number): void {
    const key = Object.values(name).join('\n')
    const before = this.#counts.get(key) ?? { ...name, found: 0, tests: 0 }
    this.#counts.set(key, { ...name, found: before.found + found, tests: before.tests + tests })
  }

  rates(): readonly FalsePositives[] {
    return [...this.#counts.values()]
  }
}
