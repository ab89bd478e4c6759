import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { icosphere } from '../../../src-main/surfaces/icosphere.ts'
import { adjacencyOf } from '../../../src-main/surfaces/mesh.ts'
import { schematicCortex } from '../../../src-main/surfaces/schematic/cortex.ts'
import { checkMesh, extent, regionCentre, smallestAngleToNeighbours } from './meshFacts.ts'

const cortex = schematicCortex()
const sides = [
  { name: 'left', hemisphere: cortex.left, sign: -1 },
  { name: 'right', hemisphere: cortex.right, sign: 1 },
] as const

test('icospheres have 10·4^level + 2 vertices on the unit sphere', () => {
  for (const level of [0, 1, 2, 3]) {
    const { points, triangles } = icosphere(level)
    expect(points.length / 3).toBe(10 * 4 ** level + 2)
    expect(triangles.length / 3).toBe(20 * 4 ** level)
    for (let i = 0; i < points.length; i += 3) {
      expect(Math.hypot(points[i], points[i + 1], points[i + 2])).toBeCloseTo(1, 12)
    }
    expect(checkMesh(Float32Array.from(points), triangles)).toMatchObject({ euler: 2, closed: true })
  }
})

test('always the same cortex', () => {
  const digest = ({ left, right }: typeof cortex) => {
    const hash = createHash('sha256')
    for (const { folded, inflated, sulc, labels, triangles } of [left, right]) {
      for (const array of [folded, inflated, sulc, labels, triangles]) hash.update(new Uint8Array(array.buffer))
    }
    return hash.digest('hex')
  }
  expect(digest(schematicCortex())).toBe(digest(cortex))
})

describe.each(sides)('$name hemisphere', ({ hemisphere, sign }) => {
  const { folded, inflated, triangles, sulc, labels } = hemisphere

  test.each(['folded', 'inflated'] as const)('%s: a closed surface without holes, outward triangles', (form) => {
    const mesh = checkMesh(hemisphere[form], triangles)
    expect(mesh).toMatchObject({ vertices: 10_242, euler: 2, closed: true })
    // A triangle of no area cannot be picked or shaded
    expect(mesh.smallestArea).toBeGreaterThan(0.05)
    // Positive volume: triangles are counter-clockwise from outside
    expect(mesh.volume).toBeGreaterThan(300_000)
    expect(mesh.volume).toBeLessThan(800_000)
    expect([...hemisphere[form]].every(Number.isFinite)).toBe(true)
  })

  test.each(['folded', 'inflated'] as const)('%s: the size of a brain, on its own side of the midline', (form) => {
    const [x, y, z] = [0, 1, 2].map((axis) => extent(hemisphere[form], axis))
    expect(Math.min(...x.map((value) => value * sign))).toBeGreaterThan(0)
    expect(x[1] - x[0]).toBeGreaterThan(55)
    expect(x[1] - x[0]).toBeLessThan(70)
    expect(y[1] - y[0]).toBeGreaterThan(155)
    expect(y[1] - y[0]).toBeLessThan(180)
    expect(z[1] - z[0]).toBeGreaterThan(105)
    expect(z[1] - z[0]).toBeLessThan(125)
  })

  test('no triangle of the folded form is turned against its neighbours', () => {
    // Two triangles that share an edge and lie on one another would make an angle of 180 degrees
    expect(smallestAngleToNeighbours(inflated, triangles)).toBeGreaterThan(-0.5)
    expect(smallestAngleToNeighbours(folded, triangles)).toBeGreaterThan(-0.97)
  })

  test('sulcal depth: in millimetres, mean 0, deeper in the central sulcus than on the gyri beside it', () => {
    expect(sulc.reduce((sum, value) => sum + value, 0) / sulc.length).toBeCloseTo(0, 4)
    expect(Math.max(...sulc)).toBeGreaterThan(5)
    expect(Math.min(...sulc)).toBeLessThan(-2)
    expect(Math.max(...sulc)).toBeLessThan(20)
    // Folds, not noise: neighbours are alike
    const { offsets, neighbours } = adjacencyOf(triangles, sulc.length)
    let differences = 0
    let squares = 0
    sulc.forEach((value, v) => {
      squares += value * value
      for (let n = offsets[v]; n < offsets[v + 1]; n++) {
        differences += (value - sulc[neighbours[n]]) ** 2 / (offsets[v + 1] - offsets[v])
      }
    })
    expect(differences / (2 * squares)).toBeLessThan(0.25)
  })

  test('every region is there, in one piece or nearly, and the medial wall is at the midline', () => {
    const counts = new Array<number>(cortex.regions.length).fill(0)
    for (const label of labels) counts[label]++
    counts.forEach((count, label) => {
      const whole = largestPiece(label) / count
      expect(count, cortex.regions[label].name).toBeGreaterThanOrEqual(40)
      expect(whole, cortex.regions[label].name).toBeGreaterThan(0.75)
    })
    expect(cortex.regions[0].name).toBe('medial wall')
    expect(counts[0] / labels.length).toBeGreaterThan(0.03)
    expect(counts[0] / labels.length).toBeLessThan(0.12)
    labels.forEach((label, v) => {
      if (label === 0) expect(Math.abs(folded[v * 3])).toBeLessThan(18)
    })
  })

  test('lobes lie where an atlas has them', () => {
    const at = (name: string) => {
      const label = cortex.regions.findIndex((region) => region.name === name)
      expect(label).toBeGreaterThan(0)
      return regionCentre(folded, labels, label)
    }
    const [a1, stg, sts, mtg, ifg, motor] = ['A1/A2', 'STG', 'STS', 'MTG', 'IFG', 'motor'].map(at)
    // Lateral; from above to below: auditory cortex, STG, STS, MTG
    for (const centre of [a1, stg, sts, mtg, ifg]) expect(centre[0] * sign).toBeGreaterThan(40)
    expect(a1[2]).toBeGreaterThan(stg[2])
    expect(stg[2]).toBeGreaterThan(sts[2])
    expect(sts[2]).toBeGreaterThan(mtg[2])
    // Frontal before temporal, motor in front of somatosensory, occipital last
    expect(ifg[1]).toBeGreaterThan(a1[1] + 20)
    expect(motor[1]).toBeGreaterThan(at('somatosensory')[1])
    expect(at('lateral occipital')[1]).toBeLessThan(at('angular')[1])
    expect(at('superior parietal')[2]).toBeGreaterThan(40)
  })

  test('the Sylvian fissure is open: between STG and frontal lobe the folded surface goes in', () => {
    // Lateral extent in the band of the fissure's course, against that of the lobes above and below it
    const lateral = (name: string) => {
      const label = cortex.regions.findIndex((region) => region.name === name)
      let most = 0
      labels.forEach((value, v) => {
        if (value === label) most = Math.max(most, folded[v * 3] * sign)
      })
      return most
    }
    const insula = regionCentre(
      folded,
      labels,
      cortex.regions.findIndex(({ name }) => name === 'insula'),
    )
    expect(insula[0] * sign).toBeLessThan(lateral('STG') - 10)
    expect(insula[0] * sign).toBeLessThan(lateral('IFG') - 10)
  })

  function largestPiece(label: number): number {
    const { offsets, neighbours } = adjacencyOf(triangles, labels.length)
    const seen = new Set<number>()
    let largest = 0
    for (let start = 0; start < labels.length; start++) {
      if (labels[start] !== label || seen.has(start)) continue
      const piece = [start]
      seen.add(start)
      for (const v of piece) {
        for (let n = offsets[v]; n < offsets[v + 1]; n++) {
          const next = neighbours[n]
          if (labels[next] === label && !seen.has(next)) {
            seen.add(next)
            piece.push(next)
          }
        }
      }
      largest = Math.max(largest, piece.length)
    }
    return largest
  }
})

test('the two hemispheres share their triangles mirrored, and differ in their folds', () => {
  expect(cortex.left.triangles.length).toBe(cortex.right.triangles.length)
  const mirrored = cortex.left.folded.map((value, i) => (i % 3 === 0 ? -value : value))
  const differing = mirrored.filter((value, i) => Math.abs(value - cortex.right.folded[i]) > 0.5).length
  expect(differing / mirrored.length).toBeGreaterThan(0.2)
})

test('its sphere has the same triangles, the right one the left one mirrored', () => {
  const { left, right } = schematicCortex()
  for (const { sphere, triangles } of [left, right]) {
    const facts = checkMesh(sphere!, triangles)
    expect(facts).toMatchObject({ vertices: 10_242, euler: 2, closed: true })
    expect(facts.volume).toBeGreaterThan(4.15)
    expect(facts.volume).toBeLessThan((4 / 3) * Math.PI)
  }
  expect(right.sphere).toEqual(left.sphere!.map((value, i) => (i % 3 === 0 ? -value : value)))
})
