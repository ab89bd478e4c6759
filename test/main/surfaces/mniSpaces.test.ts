import fc from 'fast-check'
import { expect, test } from 'vitest'
import { toMni152, toMni305 } from '../../../src-main/surfaces/mniSpaces.ts'

test('FreeSurfer’s own example, which its wiki computes with more digits than it writes', () => {
  const there = toMni152([10, -20, 35])
  const published = [10.695, -18.409, 36.137]
  // Four digits of a factor are 5e-5, of coordinates of 35 mm.
  there.forEach((value, axis) => expect(Math.abs(value - published[axis])).toBeLessThan(4e-3))
})

test('there and back', () => {
  const place = fc.tuple(...([0, 1, 2] as const).map(() => fc.double({ min: -200, max: 200, noNaN: true })))
  fc.assert(
    fc.property(place, (point) => {
      const [x, y, z] = point as [number, number, number]
      const back = toMni305(toMni152([x, y, z]))
      back.forEach((value, axis) => expect(value).toBeCloseTo([x, y, z][axis], 9))
    }),
  )
})
