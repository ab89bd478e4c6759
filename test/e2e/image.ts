/** Pictures as arrays: averaged down and compared. */
import { decode } from 'fast-png'

export interface Picture {
  readonly width: number
  readonly height: number
  /** 8-bit RGB. */
  readonly rgb: Uint8Array
}

export function readPng(bytes: Uint8Array): Picture {
  const { width, height, channels, data, depth } = decode(bytes)
  if (depth !== 8 || channels < 3) throw new Error(`expected 8-bit colour, found ${depth} bits, ${channels} channels`)
  const rgb = new Uint8Array(width * height * 3)
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 3; c++) rgb[3 * pixel + c] = data[channels * pixel + c]!
  }
  return { width, height, rgb }
}

/** A part of a picture, `factor` by `factor` pixels averaged to one. All numbers in pixels of the source. */
export function reduce(source: Picture, x: number, y: number, width: number, height: number, factor: number): Picture {
  const [w, h] = [Math.floor(width / factor), Math.floor(height / factor)]
  const rgb = new Uint8Array(w * h * 3)
  for (let row = 0; row < h; row++) {
    for (let column = 0; column < w; column++) {
      for (let c = 0; c < 3; c++) {
        let sum = 0
        for (let dy = 0; dy < factor; dy++) {
          for (let dx = 0; dx < factor; dx++) {
            sum += source.rgb[3 * ((y + row * factor + dy) * source.width + x + column * factor + dx) + c]
          }
        }
        rgb[3 * (row * w + column) + c] = Math.round(sum / (factor * factor))
      }
    }
  }
  return { width: w, height: h, rgb }
}

/** Over the two pictures' common part: mean absolute difference, and the share of pixels that differ by over 32 of 255. */
export function difference(a: Picture, b: Picture): { mean: number; share: number } {
  const [width, height] = [Math.min(a.width, b.width), Math.min(a.height, b.height)]
  let [sum, far] = [0, 0]
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      let most = 0
      for (let c = 0; c < 3; c++) {
        const distance = Math.abs(a.rgb[3 * (y * a.width + x) + c] - b.rgb[3 * (y * b.width + x) + c])
        sum += distance
        most = Math.max(most, distance)
      }
      if (most > 32) far++
    }
  }
  return { mean: sum / (3 * width * height), share: far / (width * height) }
}

/** The share of pixels that are not the most frequent colour: what is drawn on the paper. */
export function drawnShare({ rgb }: Picture): number {
  const counts = new Map<number, number>()
  for (let at = 0; at < rgb.length; at += 3) {
    const colour = (rgb[at] << 16) | (rgb[at + 1] << 8) | rgb[at + 2]
    counts.set(colour, (counts.get(colour) ?? 0) + 1)
  }
  return 1 - Math.max(...counts.values()) / (rgb.length / 3)
}
