/**
 * A drawing in which words that take two fonts are texts of their own, side by side: a rasteriser that looks for missing
 * letters by itself takes the whole line from the other font, in another weight.
 */
import PDFDocument from 'pdfkit'
import { fallbackFiles, fontFiles, runsOf } from './letters.ts'

const texts = /<text\b([^>]*)>([^<]+)<\/text>/g
const entities: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }
const plain = (written: string) => written.replaceAll(/&(amp|lt|gt|quot);/g, (_, name: string) => entities[name])

/** @param svg as src-renderer/plots writes it; other texts stay as they are */
export function placedRuns(svg: string): string {
  let fonts: PDFKit.PDFDocument | undefined
  return svg.replaceAll(texts, (whole, attributes: string, words: string) => {
    const runs = runsOf(words.trim())
    if (runs.every(({ fallback }) => !fallback)) return whole
    const value = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1]
    const [x, size, weight] = [Number(value('x')), Number(value('font-size')), Number(value('font-weight') ?? 400)]
    if (!(Number.isFinite(x) && Number.isFinite(size)) || !isWeight(weight)) return whole
    const pdf = (fonts ??= new PDFDocument({ font: fontFiles()[400] }))
    const widths = runs.map(({ words: part, fallback }) =>
      pdf
        .font((fallback ? fallbackFiles() : fontFiles())[weight])
        .fontSize(size)
        .widthOfString(plain(part)),
    )
    const share = { middle: 0.5, end: 1 }[value('text-anchor') ?? 'start'] ?? 0
    const others = attributes.replaceAll(/ (x|text-anchor|font-family)="[^"]*"/g, '')
    let at = x - share * widths.reduce((sum, width) => sum + width, 0)
    return runs
      .map(({ words: part, fallback }, i) => {
        const left = at
        at += widths[i]
        return `<text x="${left}" font-family="${fallback ? 'Noto Sans' : 'Inter'}"${others}>${part}</text>`
      })
      .join('')
  })
}

const isWeight = (weight: number): weight is 400 | 500 | 600 => Object.hasOwn(fontFiles(), String(weight))
