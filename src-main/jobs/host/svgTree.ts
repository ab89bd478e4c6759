/** The part of SVG that figures are drawn in (src-renderer/plots/svg.ts), read strictly: what is not known is refused. */
import { SaxesParser } from 'saxes'
import { HeschlError } from '../../errors.ts'

export interface SvgNode {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  readonly children: readonly SvgNode[]
  /** Of `text` alone. */
  readonly words: string
}

const paint = ['fill', 'fill-opacity', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linejoin']

/** Elements with their attributes; `data-…` may stand on any of them. */
const known: Readonly<Record<string, readonly string[]>> = {
  svg: ['xmlns', 'width', 'height', 'viewBox', 'role'],
  g: ['transform'],
  rect: ['x', 'y', 'width', 'height', 'rx', ...paint],
  line: ['x1', 'y1', 'x2', 'y2', ...paint],
  circle: ['cx', 'cy', 'r', ...paint],
  path: ['d', ...paint],
  image: ['x', 'y', 'width', 'height', 'href', 'preserveAspectRatio'],
  text: [
    ...['x', 'y', 'fill', 'font-family', 'font-size', 'font-weight', 'text-anchor', 'transform'],
    ...['stroke', 'stroke-width', 'stroke-linejoin', 'paint-order'],
  ],
}

/** Said to programs and screen readers; nothing that is drawn. */
const silent = ['title', 'metadata']
const mostDepth = 64

/**
 * @returns the `svg` element
 * @throws HeschlError FORMAT_INVALID where it is not XML, or holds an element or attribute that figures do not have
 */
export function parseSvg(source: string): SvgNode {
  const parser = new SaxesParser()
  const open: { name: string; attributes: Readonly<Record<string, string>>; children: SvgNode[]; words: string }[] = []
  let root: SvgNode | undefined
  let skipped = 0
  parser.on('error', (error) => {
    throw unknown('well-formed XML', error.message)
  })
  parser.on('doctype', () => {
    throw unknown('no document type', 'a DOCTYPE')
  })
  parser.on('opentag', ({ name, attributes }) => {
    if (skipped > 0 || silent.includes(name)) return void skipped++
    const allowed = Object.hasOwn(known, name) ? known[name] : undefined
    if (allowed === undefined || (open.length === 0) !== (name === 'svg')) throw unknown(elements, `<${name}>`)
    if (open.length >= mostDepth) throw unknown(`elements at most ${mostDepth} deep`, 'more')
    for (const attribute of Object.keys(attributes))
      if (!allowed.includes(attribute) && !attribute.startsWith('data-'))
        throw unknown(`<${name}> with ${allowed.join(', ')}`, attribute)
    open.push({ name, attributes, children: [], words: '' })
  })
  parser.on('text', (words) => {
    const last = open.at(-1)
    if (skipped === 0 && last?.name === 'text') last.words += words
  })
  parser.on('closetag', () => {
    if (skipped > 0) return void skipped--
    const node = open.pop()!
    if (open.length > 0) open.at(-1)!.children.push(node)
    else root = node
  })
  parser.write(source).close()
  if (root === undefined) throw unknown('an <svg>', 'nothing')
  return root
}

const elements = `the elements of a figure: ${Object.keys(known).join(', ')}`

/** A number of an attribute; `otherwise` where it is left out. */
export function numberOf(node: SvgNode, attribute: string, otherwise = 0): number {
  const written = node.attributes[attribute]
  if (written === undefined) return otherwise
  if (!/^-?\d+(\.\d+)?$/.test(written)) throw unknown(`a number for ${attribute}`, written)
  return Number(written)
}

export function unknown(expected: string, found: string): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'The figure has something that cannot be put into a PDF', {
    expected,
    found: found.slice(0, 200),
    remedy: 'Write it as SVG or PNG, and report this',
  })
}
