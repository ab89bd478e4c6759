/** A figure's SVG as PDF: vectors stay vectors, text stays text in the window's own font, pictures keep their dots. */
import { readFileSync } from 'node:fs'
import { decode, encode } from 'fast-png'
import PDFDocument from 'pdfkit'
import { xmpWith } from '../../formats/embedded.ts'
import { fallbackFiles, fontFiles, runsOf } from './letters.ts'
import { numberOf, parseSvg, unknown, type SvgNode } from './svgTree.ts'

/** Of every file: the same figure gives the same bytes. */
const date = new Date(Date.UTC(2000, 0, 1))
const pointsPerPixel = 72 / 96

/**
 * @param svg as src-renderer/figures draws it
 * @param about put into the document's metadata (XMP), ASCII; empty for none
 * @throws HeschlError FORMAT_INVALID for SVG that figures are not made of
 */
export async function renderPdf(svg: string, title: string, about: string): Promise<Uint8Array> {
  const root = parseSvg(svg)
  const [left, top, width, height] = viewBoxOf(root)
  const size: [number, number] = [pointsOf(root, 'width'), pointsOf(root, 'height')]
  const pdf = new PDFDocument({
    ...{ size, margin: 0, pdfVersion: '1.7', lang: 'en', displayTitle: true, font: fontFiles()[400] },
    // The library writes the title into XML as it is.
    info: { Title: title.replace(/[<>&]/g, ' '), Creator: 'Heschl', Producer: 'Heschl', CreationDate: date },
  })
  const pieces: Uint8Array[] = []
  const written = new Promise<void>((resolve, reject) => {
    pdf.on('data', (piece: Uint8Array) => pieces.push(piece))
    pdf.on('end', resolve)
    pdf.on('error', reject)
  })
  if (about !== '') withXmp(pdf).appendXML(xmpWith(about))
  for (const [weight, file] of Object.entries(fontFiles())) pdf.registerFont(weight, readFileSync(file))
  for (const [weight, file] of Object.entries(fallbackFiles())) pdf.registerFont(fallbackOf(weight), file)
  pdf.scale(size[0] / width, size[1] / height).translate(-left, -top)
  const drawing: Drawing = { pdf, whole: [left, top, width, height], paper: [255, 255, 255] }
  for (const child of root.children) draw(child, drawing)
  pdf.end()
  await written
  return Buffer.concat(pieces)
}

interface Drawing {
  readonly pdf: PDFKit.PDFDocument
  readonly whole: readonly [number, number, number, number]
  /** What pictures are laid on. */
  paper: readonly [number, number, number]
}

/** A method that the library's types lack. */
const withXmp = (pdf: PDFKit.PDFDocument) => pdf as unknown as { appendXML(xml: string): void }

function draw(node: SvgNode, drawing: Drawing): void {
  const { pdf } = drawing
  pdf.save()
  transform(node, pdf)
  const at = (name: string, otherwise?: number) => numberOf(node, name, otherwise)
  switch (node.name) {
    case 'g':
      for (const child of node.children) draw(child, drawing)
      break
    case 'rect': {
      const box = [at('x'), at('y'), at('width'), at('height')] as const
      if (at('rx') > 0) pdf.roundedRect(...box, at('rx'))
      else pdf.rect(...box)
      paint(node, pdf)
      const fill = colourOf(node.attributes.fill)
      if (fill !== null && box.every((value, i) => Math.abs(value - drawing.whole[i]) < 0.02)) drawing.paper = fill
      break
    }
    case 'line':
      pdf.moveTo(at('x1'), at('y1')).lineTo(at('x2'), at('y2'))
      paint({ ...node, attributes: { ...node.attributes, fill: 'none' } }, pdf)
      break
    case 'circle':
      pdf.circle(at('cx'), at('cy'), at('r'))
      paint(node, pdf)
      break
    case 'path':
      pdf.path(pathOf(node))
      paint(node, pdf)
      break
    case 'image':
      if (node.attributes.preserveAspectRatio !== 'none') throw unknown('an image that fills its place', 'another')
      pdf.image(pictureOf(node, drawing.paper), at('x'), at('y'), { width: at('width'), height: at('height') })
      break
    case 'text':
      write(node, pdf)
      break
  }
  pdf.restore()
}

function write(node: SvgNode, pdf: PDFKit.PDFDocument): void {
  const { attributes } = node
  const weight = attributes['font-weight'] ?? '400'
  if (!Object.hasOwn(fontFiles(), weight)) throw unknown('a font weight of 400, 500 or 600', weight)
  const words = node.words.replace(/\s+/g, ' ').trim()
  if (words === '') return
  pdf.fontSize(numberOf(node, 'font-size'))
  const anchor = attributes['text-anchor'] ?? 'start'
  const share = { start: 0, middle: 0.5, end: 1 }[anchor]
  if (share === undefined) throw unknown('a text-anchor of start, middle or end', anchor)
  const runs = runsOf(words).map((run) => {
    const font = run.fallback ? fallbackOf(weight) : weight
    return { ...run, font, width: pdf.font(font).widthOfString(run.words, kerning(run.words)) }
  })
  let x = numberOf(node, 'x') - share * runs.reduce((sum, { width }) => sum + width, 0)
  const edge = colourOf(attributes.stroke)
  if (edge !== null && attributes['paint-order'] !== 'stroke') throw unknown('letters over their edge', 'under it')
  for (const { words: part, font, width } of runs) {
    pdf.font(font)
    const style = { lineBreak: false, baseline: 'alphabetic', ...kerning(part) } as const
    if (edge !== null) {
      pdf.strokeColor([...edge]).lineWidth(numberOf(node, 'stroke-width', 1))
      pdf.lineJoin(joinOf(attributes['stroke-linejoin'] ?? 'miter'))
      pdf.text(part, x, numberOf(node, 'y'), { ...style, fill: false, stroke: true })
    }
    pdf.fillColor([...(colourOf(attributes.fill) ?? [0, 0, 0])])
    pdf.text(part, x, numberOf(node, 'y'), style)
    x += width
  }
}

const fallbackOf = (weight: string) => `${weight} fallback`

/** fontkit moves some pairs of digits and full stops together twice (0.1: by 0.17 em in place of 0.09): not kerned. */
function kerning(words: string): PDFKit.Mixins.TextOptions {
  if (!/\d/.test(words)) return {}
  // An object of features turns off what is false in it; the types know lists alone. fontkit adds to it.
  return { features: { kern: false } as unknown as PDFKit.Mixins.OpenTypeFeatures[] }
}

/** Fills and strokes the present path. */
function paint(node: SvgNode, pdf: PDFKit.PDFDocument): void {
  const { attributes } = node
  const fill = attributes.fill === undefined ? ([0, 0, 0] as const) : colourOf(attributes.fill)
  const stroke = colourOf(attributes.stroke)
  const opacity = numberOf(node, 'fill-opacity', 1)
  if (stroke !== null) {
    pdf.strokeColor([...stroke]).lineWidth(numberOf(node, 'stroke-width', 1))
    if (attributes['stroke-linejoin'] !== undefined) pdf.lineJoin(joinOf(attributes['stroke-linejoin']))
    const dashes = attributes['stroke-dasharray']
    if (dashes !== undefined) {
      if (!/^\d+(\.\d+)?( \d+(\.\d+)?)+$/.test(dashes)) throw unknown('a stroke-dasharray of numbers', dashes)
      const [length, ...rest] = dashes.split(' ').map(Number)
      pdf.dash(length, { space: rest[0] })
    }
  }
  if (fill !== null) pdf.fillColor([...fill]).fillOpacity(opacity)
  if (fill !== null && stroke !== null) pdf.fillAndStroke()
  else if (fill !== null) pdf.fill()
  else if (stroke !== null) pdf.stroke()
  // Neither: the path is dropped, unpainted.
  else pdf.addContent('n')
}

function joinOf(name: string): 'miter' | 'round' | 'bevel' {
  if (name === 'miter' || name === 'round' || name === 'bevel') return name
  throw unknown('a stroke-linejoin of miter, round or bevel', name)
}

/** `translate(x y)`, `scale(factor)`, or `rotate(degrees x y)`. */
function transform({ attributes }: SvgNode, pdf: PDFKit.PDFDocument): void {
  const { transform: written } = attributes
  if (written === undefined) return
  const [, name, inside] = /^(translate|scale|rotate)\(([-\d. ]+)\)$/.exec(written) ?? []
  const numbers = (inside ?? '').split(' ').map(Number)
  const count = { translate: 2, scale: 1, rotate: 3 }[name ?? '']
  if (numbers.length !== count || !numbers.every(Number.isFinite))
    throw unknown('translate(x y), scale(factor) or rotate(degrees x y)', written)
  if (name === 'translate') pdf.translate(numbers[0], numbers[1])
  else if (name === 'scale') pdf.scale(numbers[0])
  else pdf.rotate(numbers[0], { origin: [numbers[1], numbers[2]] })
}

/** red, green and blue, 0–255; null for none. */
function colourOf(written: string | undefined): readonly [number, number, number] | null {
  if (written === undefined || written === 'none') return null
  const hex = /^#([\da-f]{2})([\da-f]{2})([\da-f]{2})$/i.exec(written)
  if (hex) return [parseInt(hex[1], 16), parseInt(hex[2], 16), parseInt(hex[3], 16)]
  const parts = /^rgb\((\d{1,3}),\s?(\d{1,3}),\s?(\d{1,3})\)$/.exec(written)
  if (!parts) throw unknown('a colour as #rrggbb or rgb(r,g,b)', written)
  return [Number(parts[1]), Number(parts[2]), Number(parts[3])]
}

function pathOf({ attributes: { d = '' } }: SvgNode): string {
  if (!/^[MmLlHhVvCcQqAaZz\d\s.,-]*$/.test(d)) throw unknown('a path of lines, curves and arcs', d)
  return d
}

/**
 * The picture laid on the paper: an opaque one goes into the file as it is, and journals flatten what is not.
 */
function pictureOf({ attributes: { href = '' } }: SvgNode, paper: Drawing['paper']): Buffer {
  const prefix = 'data:image/png;base64,'
  if (!href.startsWith(prefix)) throw unknown('an embedded PNG', href)
  const { width, height, data, channels, depth } = decode(Buffer.from(href.slice(prefix.length), 'base64'))
  if (channels !== 4 || depth !== 8) throw unknown('a PNG of 8-bit RGBA', `${channels} channels of ${depth} bits`)
  const opaque = new Uint8Array(width * height * 3)
  for (let i = 0, o = 0; i < data.length; i += 4) {
    const alpha = data[i + 3] / 255
    for (let c = 0; c < 3; c++) opaque[o++] = Math.round(data[i + c] * alpha + paper[c] * (1 - alpha))
  }
  return Buffer.from(encode({ width, height, data: opaque, channels: 3, depth: 8 }))
}

function viewBoxOf(root: SvgNode): [number, number, number, number] {
  const numbers = (root.attributes.viewBox ?? '').split(' ').map(Number)
  const [left, top, width, height] = numbers
  if (numbers.length !== 4 || !numbers.every(Number.isFinite) || !(width > 0) || !(height > 0))
    throw unknown('a viewBox', root.attributes.viewBox ?? 'none')
  return [left, top, width, height]
}

/** Of the page: from millimetres, or CSS pixels. */
function pointsOf(root: SvgNode, side: 'width' | 'height'): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(mm|)$/.exec(root.attributes[side] ?? '') ?? []
  if (number === undefined) throw unknown(`${side} in mm or pixels`, root.attributes[side] ?? 'none')
  return Number(number) * (unit === 'mm' ? 72 / 25.4 : pointsPerPixel)
}
