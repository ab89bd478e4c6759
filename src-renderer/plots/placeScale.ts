/** The axis of a training: hours or steps, linear or logarithmic. */
import { scaleLinear, scaleLog } from 'd3-scale'
import { formatCount } from './format.ts'
import { textWidth } from './svg.ts'

export type AxisScale = 'linear' | 'log'

export const placeTitles = { steps: 'training steps (updates of the weights)', hours: 'hours of training audio' }

/** Of hours and steps: what is smaller is none, and has no logarithm that could be drawn. */
const least = 1e-9

/** On a logarithmic axis 0 stands by itself, left of the others. */
const zeroGap = 36

/**
 * @param range where the axis begins and ends, pixels
 * @param size of its numbers, pixels
 */
export function placeScale(
  places: readonly number[],
  scale: AxisScale,
  [left, right]: readonly [number, number],
  size: number,
) {
  const positive = places.filter((at) => at > least)
  const [low, high] = [Math.min(...positive), Math.max(...positive)]
  if (scale === 'linear' || positive.length === 0) {
    const x = scaleLinear(
      [Math.min(0, ...places), Math.max(...places) > least ? Math.max(...places) : 1],
      [left, right],
    )
    const place = (at: number) => x(at)
    return { x: place, ticks: fitting(x.ticks(5), place, size) }
  }
  const hasZero = positive.length < places.length
  // One place alone stands in the middle of a decade to either side.
  const x = scaleLog(low < high ? [low, high] : [low / 10, high * 10], [left + (hasZero ? zeroGap : 0), right])
  const ticks = low < high ? x.ticks(6) : [low]
  // 1, 2 and 5 of each decade; where their numbers have no room, decades alone.
  const [fine, coarse] = [/^[125]/, /^1/].map((digits) => ticks.filter((tick) => digits.test(tick.toExponential())))
  const place = (at: number) => (at > least ? x(at) : left)
  const zero = hasZero ? [0] : []
  const room = [fine, coarse, [low, high]].filter((list) => list.length > 1).map((list) => [...zero, ...list])
  const chosen =
    room.find((list) => fitting(list, place, size).length === list.length) ?? fitting([...zero, low], place, size)
  return { x: place, ticks: low < high ? chosen : [...zero, low] }
}

/** Ticks whose words do not run into those before them. */
function fitting(ticks: readonly number[], x: (at: number) => number, size: number): readonly number[] {
  const kept: number[] = []
  let end = -Infinity
  for (const tick of ticks) {
    const half = textWidth(formatCount(tick), size) / 2
    if (x(tick) - half < end + 6) continue
    kept.push(tick)
    end = x(tick) + half
  }
  return kept
}
