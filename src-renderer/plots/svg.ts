/** SVG as text: elements, escaping, numbers. Presentation attributes only, so a strict content security policy holds. */

export type Attributes = Readonly<Record<string, string | number | undefined>>

export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? coordinate(value) : escape(String(value))}"`)
    .join('')
  const content = children.join('')
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`
}

/** Names come from files: control characters, which XML cannot hold, are dropped; a lone surrogate becomes U+FFFD. */
export function escape(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
}

/** Two decimals are a hundredth of a pixel. */
const coordinate = (value: number) => String(Math.round(value * 100) / 100 || 0)

/** The window's own font, then what is on every machine. */
const fontFamily = 'Inter, Helvetica, Arial, sans-serif'

export interface TextStyle {
  readonly size: number
  readonly fill: string
  readonly weight?: 400 | 500 | 600
  readonly anchor?: 'start' | 'middle' | 'end'
  readonly rotate?: number
  /** Colour of a line around the letters, so that they are read on any colour. */
  readonly edge?: string
}

export function text(
  x: number,
  y: number,
  content: string,
  { size, fill, weight, anchor, rotate, edge }: TextStyle,
): string {
  return element(
    'text',
    {
      x,
      y,
      fill,
      'font-family': fontFamily,
      'font-size': size,
      'font-weight': weight ?? 400,
      'text-anchor': anchor === undefined || anchor === 'start' ? undefined : anchor,
      ...(edge === undefined
        ? {}
        : { stroke: edge, 'stroke-width': size / 4, 'stroke-linejoin': 'round', 'paint-order': 'stroke' }),
      transform: rotate === undefined ? undefined : `rotate(${rotate} ${coordinate(x)} ${coordinate(y)})`,
    },
    escape(content),
  )
}

/** A whole document. The title is read by screen readers. */
export function document(width: number, height: number, title: string, ...children: readonly string[]): string {
  return element(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', viewBox: `0 0 ${width} ${height}`, width, height, role: 'img' },
    element('title', {}, escape(title)),
    ...children,
  )
}

/** Inter's mean advance for running text is just over half its size; there is no DOM here to measure with. */
const advance = 0.56
export const textWidth = (content: string, size: number) => content.length * size * advance

/** Cut with an ellipsis to a width in pixels. */
export function shorten(content: string, width: number, size: number): string {
  const characters = Math.max(1, Math.floor(width / (size * advance)))
  return content.length <= characters ? content : `${content.slice(0, characters - 1).trimEnd()}…`
}

/** Break at spaces into lines of at most a width in pixels; a longer word is broken anywhere. */
export function wrap(content: string, width: number, size: number): string[] {
  const characters = Math.max(1, Math.floor(width / (size * advance)))
  const lines: string[] = []
  let line = ''
  for (let word of content.split(/\s+/).filter(Boolean)) {
    if (line !== '' && line.length + 1 + word.length > characters) {
      lines.push(line)
      line = ''
    }
    while (word.length > characters) {
      lines.push(word.slice(0, characters))
      word = word.slice(characters)
    }
    line = line === '' ? word : `${line} ${word}`
  }
  if (line !== '') lines.push(line)
  return lines
}
