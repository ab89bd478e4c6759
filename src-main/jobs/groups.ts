/**
 * Means and spreads over subjects. Of hundreds of subjects they are stored once their scores are complete, beside the
 * scores that they are of, so that a layer is shown at once; and what is read takes turns with other requests.
 */
import { setImmediate as pause } from 'node:timers/promises'
import { HeschlError } from '../errors.ts'
import { meanOfMaps, MomentsSum } from '../pipeline/maps/moments.ts'
import type { Moments } from '../pipeline/maps/moments.ts'
import type { StoredArray } from '../store/arrays.ts'
import { contentKey } from '../store/keys.ts'
import type { Store } from '../store/store.ts'
import type { FitStep } from '../study/plan.ts'
import { BoundedCache } from './boundedCache.ts'

export interface StoredFit {
  readonly key: string
  readonly spec: FitStep
}

export interface Group {
  /** float32 [targets]: over subjects and members, each target over those that have a score there. */
  readonly mean: Float32Array
  /** float64 [subjects]: each one's mean over targets, of several members the mean of theirs. */
  readonly subjectMeans: Float64Array
  /** Over subjects. */
  readonly moments: Moments
}

/** What is compared, within subjects. */
export interface Compared {
  readonly of: readonly StoredFit[]
  /** null: with nothing, the scores themselves. */
  readonly less: readonly StoredFit[] | null
  /** Each score less that of the same responses shifted in time. */
  readonly above: boolean
  /** Where a subject's scores belong among all targets; null where all subjects have the same. */
  readonly place: Place | null
}

/** Raised whenever a stored group would have other numbers. */
const version = 1
/** Below, reading the scores anew is as quick. */
const leastStored = 8
/** Milliseconds that other requests wait. */
const turn = 12
const cacheBytes = 256 << 20
/** Bytes of subjects' maps that are held at once. */
const mostHeld = 1e9

export class Groups {
  readonly #store: Store
  readonly #cache = new BoundedCache<Group>(cacheBytes)
  readonly #differences = new BoundedCache<Moments>(cacheBytes / 2)
  readonly #turns = new Turns()

  constructor(store: Store) {
    this.#store = store
  }

  /**
   * @param fits of one layer, at least one
   * @param place where a subject's scores belong among all targets; null where all subjects have the same
   * @param complete whether no more of them are to come
   * @param patient whether nobody looks at it yet: what somebody waits for is read first
   */
  of(fits: readonly StoredFit[], place: Place | null, complete: boolean, patient = false): Promise<Group> {
    return this.#turns.during(patient, (turns) => this.#of(fits, place, complete, turns))
  }

  async #of(fits: readonly StoredFit[], place: Place | null, complete: boolean, turns: Turn): Promise<Group> {
    await turns.next()
    const { key, inputs } = nameOf(fits)
    const known = this.#cache.get(key) ?? (place === null ? this.#stored(key) : undefined)
    const group = known ?? (await this.#read(fits, place, turns))
    if (!known && place === null && complete && fits.length >= leastStored) this.#keep(key, inputs, group)
    this.#cache.put(key, group, group.mean.length * 14)
    return group
  }

  /** Of subjects' scores, or of what they differ by from another's, for who has both. */
  moments(what: Compared): Promise<Moments> {
    return this.#turns.during(false, (turns) => this.#momentsOf(what, turns))
  }

  async #momentsOf(what: Compared, turns: Turn): Promise<Moments> {
    const { of, less, above } = what
    const parameters = [[of, less ?? []].map((fits) => fits.map(({ key }) => key).sort()), above]
    const key = contentKey({ kind: 'difference', version, parameters, inputs: [] })
    const known = this.#differences.get(key)
    if (known) return known
    let sum: MomentsSum | undefined
    for (const map of this.#compared(what)) {
      sum ??= new MomentsSum(map.length)
      sum.add(map)
      await turns.next()
    }
    if (!sum)
      throw new HeschlError('OPTION_INVALID', 'No subject has scores of both sides of this difference', {
        expected: 'layers that were fitted to the same subjects',
        remedy: 'Choose others, or run the study: it computes only what is missing',
      })
    const moments = sum.finish()
    this.#differences.put(key, moments, moments.mean.length * 18)
    return moments
  }

  /**
   * The same subject by subject: for tests that moments do not serve.
   * @throws HeschlError OPTION_INVALID where they are too many to be held
   */
  maps(what: Compared): Promise<readonly (Float32Array | Float64Array)[]> {
    return this.#turns.during(false, async (turns) => {
      const found: (Float32Array | Float64Array)[] = []
      for (const map of this.#compared(what)) {
        found.push(map)
        if (found.length * map.byteLength > mostHeld)
          throw new HeschlError(
            'OPTION_INVALID',
            'A test of ranks holds the maps of all subjects, which are too many here',
            {
              expected: `at most ${mostHeld / 1e9} GB of them`,
              remedy: 'Use the t test, or `heschl export --figure scores` with a test of ranks',
            },
          )
        await turns.next()
      }
      return found
    })
  }

  /** A subject's maps one by one. */
  *#compared({ of, less, above, place }: Compared): Generator<Float32Array | Float64Array> {
    const mapOf = (fits: readonly StoredFit[]) =>
      meanOfMaps(
        fits.map((fit) => {
          const own = above ? this.#above(fit) : this.#r(fit)
          return place ? place(fit.spec.subject, own) : own
        }),
      )
    const others = less && Map.groupBy(less, ({ spec }) => spec.subject)
    for (const [subject, own] of Map.groupBy(of, ({ spec }) => spec.subject)) {
      const other = others?.get(subject)
      if (others && !other) continue
      const [first, second] = [mapOf(own), other && mapOf(other)]
      yield second ? Float64Array.from(first, (value, v) => value - second[v]) : first
    }
  }

  /** One fit's scores, as stored. */
  #r({ key }: StoredFit): Float32Array {
    return this.#store.array(key, 'r').data as Float32Array
  }

  /** Less what the same responses score when they are shifted in time (pipeline/chance.ts). */
  #above(fit: StoredFit): Float32Array {
    const chance = this.#store.array(fit.key, 'chance').data
    return this.#r(fit).map((value, v) => value - chance[v])
  }

  async #read(fits: readonly StoredFit[], place: Place | null, turns: Turn): Promise<Group> {
    const bySubject = Map.groupBy(fits, ({ spec }) => spec.subject)
    const subjectMeans: number[] = []
    let moments: MomentsSum | undefined
    // Of subjects with several maps, as of seeds, the mean is over all maps.
    let maps: MomentsSum | undefined
    for (const [subject, own] of bySubject) {
      const read = own.map((fit) => (place ? place(subject, this.#r(fit)) : this.#r(fit)))
      moments ??= new MomentsSum(read[0].length)
      const mean = moments.add(meanOfMaps(read))
      if (fits.length > bySubject.size) {
        const all = (maps ??= new MomentsSum(read[0].length))
        subjectMeans.push(read.reduce((total, map) => total + all.add(map), 0) / read.length)
      } else subjectMeans.push(mean)
      await turns.next()
    }
    const { mean, squares, count: subjects } = moments!.finish()
    return {
      mean: (maps ?? moments!).average(),
      subjectMeans: Float64Array.from(subjectMeans),
      moments: { count: subjects, mean: Float32Array.from(mean), squares: Float32Array.from(squares) },
    }
  }

  /** What is not a map is read when it is asked for: a layer that is looked at is its mean alone. */
  #stored(key: string): Group | undefined {
    if (!this.#store.has(key)) return undefined
    const array = (name: string) => this.#store.array(key, name).data
    let subjectMeans: Float64Array | undefined
    let moments: Moments | undefined
    return {
      mean: array('mean') as Float32Array,
      get subjectMeans() {
        return (subjectMeans ??= array('subjects') as Float64Array)
      },
      get moments() {
        return (moments ??= {
          count: array('count') as Uint16Array,
          mean: array('centre') as Float32Array,
          squares: array('squares') as Float32Array,
        })
      },
    }
  }

  #keep(key: string, inputs: readonly string[], { mean, subjectMeans, moments }: Group): void {
    const row = (name: string, data: StoredArray['data']): StoredArray => ({ name, shape: [data.length], data })
    try {
      this.#store.put(
        {
          ...{ key, kind: 'group', label: `Mean of ${inputs.length} fits`, seconds: 0, work: 0 },
          inputs: { kind: 'group', version, parameters: null, inputs },
          provenance: {},
        },
        [
          ...[row('mean', mean), row('subjects', subjectMeans), row('count', moments.count)],
          ...[row('centre', moments.mean), row('squares', moments.squares)],
        ],
      )
    } catch (error) {
      // On a full disk it is read anew the next time.
      if (!(error instanceof HeschlError) || error.code !== 'DISK_FULL') throw error
    }
  }
}

/** Of lists that are asked for again and again. */
const names = new WeakMap<readonly StoredFit[], { readonly key: string; readonly inputs: readonly string[] }>()

/** The key under which a group is stored, and the keys of its fits. */
function nameOf(fits: readonly StoredFit[]): { readonly key: string; readonly inputs: readonly string[] } {
  const known = names.get(fits)
  if (known) return known
  const inputs = fits.map(({ key }) => key).sort()
  const name = { key: contentKey({ kind: 'group', version, parameters: null, inputs }), inputs }
  names.set(fits, name)
  return name
}

export type Place = (subject: string, own: Float32Array) => Float32Array

interface Turn {
  /** Between two readings. */
  next(): Promise<void>
}

/** Lets other requests through every few milliseconds; what nobody looks at yet waits for what somebody does. */
class Turns {
  #since = performance.now()
  #urgent = 0

  async during<T>(patient: boolean, work: (turn: Turn) => Promise<T>): Promise<T> {
    if (!patient) this.#urgent++
    try {
      return await work({ next: () => this.#next(patient) })
    } finally {
      if (!patient) this.#urgent--
    }
  }

  async #next(patient: boolean): Promise<void> {
    const waits = () => patient && this.#urgent > 0
    if (performance.now() - this.#since < turn && !waits()) return
    do await pause()
    while (waits())
    this.#since = performance.now()
  }
}
