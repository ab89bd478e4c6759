import { pngWith, svgWith } from '../../../formats/embedded.ts'
import type { FigureFormat } from '../../../formats/embedded.ts'

export interface DrawnFigure {
  readonly svg: string
  /** Of its pictures, and of a PNG. */
  readonly dpi: number
  /** Its record as text, which is put into the file. */
  readonly about: string
  readonly title: string
}

/** One file of a figure: the same drawing and record give the same bytes. */
export async function figureFile(format: FigureFormat, { svg, dpi, about, title }: DrawnFigure): Promise<Uint8Array> {
  switch (format) {
    case 'svg':
      return Buffer.from(svgWith(svg, about))
    case 'pdf':
      return (await import('../pdf.ts')).renderPdf(svg, title, about)
    case 'png': {
      const { renderPng } = await import('../png.ts')
      return pngWith(await renderPng(svg, dpi / 96), dpi, about)
    }
  }
}
