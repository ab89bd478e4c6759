/** Where two small pictures of the same view differ by more than another machine's drawing does. */
import type { Picture } from './image.ts'

export interface Tile {
  /** Its upper left corner, in pixels of the small pictures. */
  readonly x: number
  readonly y: number
}

/** Pixels a side: 40 of the window's. */
const tileSize = 10
/** Of 255. Letters of another weight or one pixel aside differ by less. */
const level = 36
/** Of a tile's pixels. */
const share = 0.1

/** All of it where the sizes differ. */
export function compareTiles(a: Picture, b: Picture): Tile[] {
  if (a.width !== b.width || a.height !== b.height) return [{ x: 0, y: 0 }]
  const found: Tile[] = []
  for (let y = 0; y < a.height; y += tileSize)
    for (let x = 0; x < a.width; x += tileSize) {
      const [right, bottom] = [Math.min(a.width, x + tileSize), Math.min(a.height, y + tileSize)]
      let far = 0
      for (let v = y; v < bottom; v++) for (let u = x; u < right; u++) if (distance(a, b, u, v) > level) far++
      if (far > share * (right - x) * (bottom - y)) found.push({ x, y })
    }
  return found
}

/** How far a pixel of either picture is from all that is around it in the other: nothing where an edge has moved by one. */
function distance(a: Picture, b: Picture, x: number, y: number): number {
  let most = 0
  for (let c = 0; c < 3; c++) most = Math.max(most, beyond(a, b, x, y, c), beyond(b, a, x, y, c))
  return most
}

function beyond(one: Picture, other: Picture, x: number, y: number, channel: number): number {
  const { width, height } = one
  const value = one.rgb[3 * (y * width + x) + channel]
  let [low, high] = [255, 0]
  for (let v = Math.max(0, y - 1); v <= Math.min(height - 1, y + 1); v++)
    for (let u = Math.max(0, x - 1); u <= Math.min(width - 1, x + 1); u++) {
      const near = other.rgb[3 * (v * width + u) + channel]
      low = Math.min(low, near)
      high = Math.max(high, near)
    }
  return Math.max(0, low - value, value - high)
}

/** The picture in grey and larger, the parts that differ in their colours and framed in red. */
export function marked(picture: Picture, tiles: readonly Tile[]): Picture {
  const times = 4
  const [width, height] = [picture.width * times, picture.height * times]
  const rgb = new Uint8Array(width * height * 3)
  const at = (x: number, y: number) => tiles.find((tile) => tile.x === x && tile.y === y)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const [u, v] = [Math.floor(x / times), Math.floor(y / times)]
      const own = picture.rgb.subarray(3 * (v * picture.width + u), 3 * (v * picture.width + u) + 3)
      const inside = at(u - (u % tileSize), v - (v % tileSize)) !== undefined
      const side = tileSize * times
      const edge = inside && (x % side < 2 || y % side < 2 || x % side >= side - 2 || y % side >= side - 2)
      const grey = 96 + (own[0] + own[1] + own[2]) / 6
      rgb.set(edge ? [220, 30, 30] : inside ? own : [grey, grey, grey], 3 * (y * width + x))
    }
  return { width, height, rgb }
}
