/** What is tested over subjects, from stored scores: against numbers that are worked out here one by one. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Groups } from '../../../src-main/jobs/groups.ts'
import type { StoredFit } from '../../../src-main/jobs/groups.ts'
import { seededRandom } from '../../../src-main/linalg/random.ts'
import { Store } from '../../../src-main/store/store.ts'

const targets = 7
const subjects = ['a', 'b', 'c', 'd']
const { normal } = seededRandom(3)
const drawn = () => Float32Array.from({ length: targets }, () => normal())
/** Of two models; the second lacks a subject. The last target of one subject has no score. */
const scored = ['one', 'other'].flatMap((space) =>
  subjects.slice(space === 'one' ? 0 : 1).map((subject) => {
    const [r, chance] = [drawn(), drawn()]
    if (space === 'one' && subject === 'b') r[targets - 1] = NaN
    return { fit: { key: `${space} ${subject}`, spec: { space, subject, layer: 'l' } } as StoredFit, r, chance }
  }),
)

let folder: string
let store: Store
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'heschl-groups-'))
  store = new Store(join(folder, 'study.db'))
  for (const { fit, r, chance } of scored)
    store.put(
      { ...{ key: fit.key, kind: 'fit', label: fit.key, inputs: {}, provenance: {} }, ...{ seconds: 0, work: 0 } },
      Object.entries({ r, chance }).map(([name, data]) => ({ name, shape: [targets], data })),
    )
})
afterAll(() => {
  store.close()
  rmSync(folder, { recursive: true, force: true })
})

const fitsOf = (space: string) => scored.filter(({ fit }) => fit.spec.space === space).map(({ fit }) => fit)
const valueOf = (space: string, subject: string, target: number, above: boolean): number => {
  const { r, chance } = scored.find(({ fit }) => fit.spec.space === space && fit.spec.subject === subject)!
  return above ? Math.fround(r[target] - chance[target]) : r[target]
}

test.each([false, true])('subjects and their differences; above chance: %s', async (above) => {
  const groups = new Groups(store)
  const [of, other] = [fitsOf('one'), fitsOf('other')]
  for (const less of [null, other]) {
    const whose = less === null ? subjects : subjects.slice(1)
    const { count, mean, squares } = await groups.moments({ of, less, above, place: null })
    const maps = await groups.maps({ of, less, above, place: null })
    expect(maps).toHaveLength(whose.length)
    for (let v = 0; v < targets; v++) {
      const own = whose.map(
        (subject) => valueOf('one', subject, v, above) - (less === null ? 0 : valueOf('other', subject, v, above)),
      )
      expect(maps.map((map) => map[v])).toEqual(own)
      const finite = own.filter(Number.isFinite)
      const centre = finite.reduce((sum, value) => sum + value, 0) / finite.length
      expect(count[v]).toBe(finite.length)
      expect(mean[v]).toBeCloseTo(centre, 12)
      expect(squares[v]).toBeCloseTo(
        finite.reduce((sum, value) => sum + (value - centre) ** 2, 0),
        12,
      )
    }
  }
})

test('what is above chance is not mistaken for the scores that were asked for before', async () => {
  const groups = new Groups(store)
  const [of, less] = [fitsOf('one'), fitsOf('other')]
  const plain = await groups.moments({ of, less, above: false, place: null })
  const above = await groups.moments({ of, less, above: true, place: null })
  expect([...above.mean]).not.toEqual([...plain.mean])
  expect(await groups.moments({ of, less, above: false, place: null })).toBe(plain)
})

test('where subjects do not share targets, each has its own among those of all', async () => {
  const groups = new Groups(store)
  const place = (subject: string, own: Float32Array) => {
    const all = new Float32Array(targets * subjects.length).fill(NaN)
    all.set(own, targets * subjects.indexOf(subject))
    return all
  }
  const { count, mean } = await groups.moments({ of: fitsOf('one'), less: fitsOf('other'), above: false, place })
  subjects.forEach((subject, s) => {
    for (let v = 0; v < targets; v++) {
      const own = s === 0 ? NaN : valueOf('one', subject, v, false) - valueOf('other', subject, v, false)
      expect(count[s * targets + v]).toBe(Number.isFinite(own) ? 1 : 0)
      expect(mean[s * targets + v]).toBe(Number.isFinite(own) ? own : NaN)
    }
  })
})
