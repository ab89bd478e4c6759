/** A figure's SVG as PNG, drawn with the window's own font. */
import { HeschlError } from '../../errors.ts'
import { fallbackFiles, fontFiles, needsFallback } from './letters.ts'

const maximumPixels = 256 * 1024 * 1024
/**
 * @param drawing SVG, text alone or with embedded images; references to files and addresses are refused
 * @param scale pixels per CSS pixel
 * @throws HeschlError FORMAT_INVALID when it is not SVG; OPTION_INVALID when the image would be beyond 256 megapixels
 */
export async function renderPng(drawing: string, scale: number): Promise<Uint8Array> {
  refuseReferences(drawing)
  const svg = needsFallback(drawing) ? (await import('./placedRuns.ts')).placedRuns(drawing) : drawing
  const { Resvg, renderAsync } = await import('@resvg/resvg-js')
  const options = {
    font: {
      fontFiles: [...Object.values(fontFiles()), ...Object.values(fallbackFiles())],
      loadSystemFonts: false,
      defaultFontFamily: 'Inter',
      sansSerifFamily: 'Inter',
    },
    fitTo: { mode: 'zoom' as const, value: scale },
  }
  let size: { width: number; height: number }
  try {
    size = new Resvg(svg, options)
  } catch (cause) {
    throw notSvg(cause)
  }
  const width = Math.ceil(size.width * scale)
  const height = Math.ceil(size.height * scale)
  if (!(width * height <= maximumPixels)) {
    throw new HeschlError('OPTION_INVALID', 'The figure is too large for a PNG', {
      expected: 'at most 256 megapixels',
      found: `${width} x ${height} pixels`,
      remedy: 'Choose a smaller scale, or SVG',
    })
  }
  // On a thread of its own: the host goes on answering.
  const image = await renderAsync(svg, options).catch((cause: unknown) => {
    throw notSvg(cause)
  })
  return image.asPng()
}

/** The rasteriser would read files it is pointed at, so a figure may hold embedded images and its own parts alone. */
function refuseReferences(svg: string): void {
  for (const [, value] of svg.matchAll(/\bhref\s*=\s*["']\s*([^"']{0,64})/gi)) {
    if (value === undefined || value.startsWith('#') || value.startsWith('data:image/png;base64,')) continue
    throw new HeschlError('FORMAT_INVALID', 'A figure refers to something outside itself', {
      expected: 'embedded PNG images',
      found: `href "${value}"`,
    })
  }
}

function notSvg(cause: unknown): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'The figure cannot be drawn', {
    expected: 'an SVG document',
    found: cause instanceof Error ? cause.message : String(cause),
    cause,
  })
}
