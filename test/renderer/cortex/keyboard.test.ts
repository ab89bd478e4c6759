import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { noOrbit, views } from '../../../src-renderer/cortex/camera.ts'
import { cortexAction, turned, zoomed } from '../../../src-renderer/cortex/keyboard.ts'
import { crossHemisphere, regionPeaks, stepRegion } from '../../../src-renderer/cortex/regions.ts'

describe('keys', () => {
  test('1 to 5 choose the views in the order of their buttons; others are left to the browser', () => {
    views.forEach((view, i) => expect(cortexAction(String(i + 1), false, noOrbit)).toEqual({ kind: 'view', view }))
    for (const key of ['6', 'Tab', 'a', ' ', 'F5']) expect(cortexAction(key, false, noOrbit)).toBeNull()
  })
  test('arrows step, with shift they turn', () => {
    expect(cortexAction('ArrowRight', false, noOrbit)).toEqual({ kind: 'region', by: 1 })
    expect(cortexAction('ArrowLeft', false, noOrbit)).toEqual({ kind: 'region', by: -1 })
    expect(cortexAction('ArrowUp', false, noOrbit)).toEqual({ kind: 'hemisphere' })
    const turn = cortexAction('ArrowRight', true, noOrbit)
    expect(turn?.kind === 'orbit' && turn.orbit.yaw).toBeGreaterThan(0)
  })
  test('Enter and P pin the point, with shift its region', () => {
    for (const key of ['Enter', 'p'])
      expect(cortexAction(key, false, noOrbit)).toEqual({ kind: 'pin', wholeRegion: false })
    for (const key of ['Enter', 'P'])
      expect(cortexAction(key, true, noOrbit)).toEqual({ kind: 'pin', wholeRegion: true })
  })
  test('plus and minus undo one another; 0 resets', () => {
    const near = cortexAction('+', false, noOrbit)
    if (near?.kind !== 'orbit') throw new Error('plus does not zoom')
    expect(near.orbit.zoom).toBeGreaterThan(1)
    const back = cortexAction('-', false, near.orbit)
    expect(back?.kind === 'orbit' && back.orbit.zoom).toBeCloseTo(1, 12)
    expect(cortexAction('0', false, near.orbit)).toEqual({ kind: 'orbit', orbit: noOrbit })
  })
  test('pitch stops at the poles and zoom at its limits', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.double({ min: -2, max: 2, noNaN: true }), fc.double({ min: 0.1, max: 10, noNaN: true }))),
        (moves) => {
          let orbit = noOrbit
          for (const [angle, factor] of moves) orbit = zoomed(turned(orbit, angle, angle), factor)
          return Math.abs(orbit.pitch) <= Math.PI / 2 && orbit.zoom >= 0.5 && orbit.zoom <= 8
        },
      ),
    )
  })
})

describe('stepping between regions', () => {
  const labels = { left: { labels: Uint16Array.of(0, 2, 2, 5, 5, 0) }, right: { labels: Uint16Array.of(5, 5, 0) } }
  const values = { left: Float32Array.of(9, 0.1, 0.4, NaN, -1, 9), right: Float32Array.of(NaN, NaN, 3) }

  test('a region stands at its largest value, or at its first vertex where it has none', () => {
    expect(regionPeaks(labels.left.labels, values.left)).toEqual([2, 4])
    expect(regionPeaks(labels.right.labels, values.right)).toEqual([0])
    expect(regionPeaks(labels.left.labels, null)).toEqual([1, 3])
  })
  test('goes round, and back', () => {
    const first = stepRegion(null, 1, labels, values)
    expect(first).toEqual({ hemisphere: 'left', vertex: 2 })
    const second = stepRegion(first, 1, labels, values)
    expect(second).toEqual({ hemisphere: 'left', vertex: 4 })
    expect(stepRegion(second, 1, labels, values)).toEqual(first)
    expect(stepRegion(first, -1, labels, values)).toEqual(second)
  })
  test('crosses to the same region, or to the first one there is', () => {
    expect(crossHemisphere({ hemisphere: 'left', vertex: 3 }, labels, values)).toEqual({
      hemisphere: 'right',
      vertex: 0,
    })
    expect(crossHemisphere({ hemisphere: 'left', vertex: 1 }, labels, values)).toEqual({
      hemisphere: 'right',
      vertex: 0,
    })
    expect(crossHemisphere({ hemisphere: 'right', vertex: 1 }, labels, values)).toEqual({
      hemisphere: 'left',
      vertex: 4,
    })
  })
  test('a surface without regions has nowhere to go', () => {
    const bare = { left: { labels: new Uint16Array(4) }, right: { labels: new Uint16Array(4) } }
    expect(stepRegion(null, 1, bare, null)).toBeNull()
    expect(crossHemisphere(null, bare, null)).toBeNull()
  })
})
