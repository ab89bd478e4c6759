import { encode } from 'fast-png'
import type { Picture } from '../cortex/raster.ts'

/** A picture as a `data:` URL, for an SVG's `image`. */
export function pngUrl({ width, height, rgba }: Picture): string {
  const bytes = encode({ width, height, data: rgba, channels: 4, depth: 8 })
  let binary = ''
  const chunk = 0x8000
  for (let i = 0; i < bytes.length; i += chunk) binary += String.fromCharCode(...bytes.subarray(i, i + chunk))
  return `data:image/png;base64,${btoa(binary)}`
}
