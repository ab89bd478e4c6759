/** What a figure was made from, as a text inside the figure's file: SVG's metadata, PDF's XMP, PNG's iTXt. */
import { HeschlError } from '../errors.ts'
import { withFile } from './fileBytes.ts'
import { isPng, textOf, withText } from './pngChunks.ts'

export type FigureFormat = 'svg' | 'pdf' | 'png'

const namespace = 'urn:heschl:provenance:1'
const pngKeyword = 'heschl.provenance'
const open = `<heschl:provenance xmlns:heschl="${namespace}">`
const close = '</heschl:provenance>'

const escapeXml = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

const unescapeXml = (text: string) =>
  text
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&apos;', "'")
    .replaceAll('&amp;', '&')

/** After the title, which is to stand first. */
export function svgWith(svg: string, text: string): string {
  const at = svg.indexOf('</title>') + '</title>'.length
  return `${svg.slice(0, at)}<metadata>${open}${escapeXml(text)}${close}</metadata>${svg.slice(at)}`
}

/** To be put into a PDF's XMP, inside `rdf:RDF`. */
export const xmpWith = (text: string): string =>
  `<rdf:Description rdf:about="">${open}${escapeXml(text)}${close}</rdf:Description>`

/** With its printed size. */
export const pngWith = (png: Uint8Array, dpi: number, text: string): Uint8Array => withText(png, dpi, pngKeyword, text)

/** A picture of 256 megapixels, well compressed. */
const mostFigureBytes = 256 * 1024 * 1024

/**
 * A figure's file with its text; larger files are refused before they are read.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID
 */
export const readFigure = (path: string) =>
  withFile(path, async ({ size, read }) => {
    if (size > mostFigureBytes)
      throw new HeschlError('FORMAT_INVALID', 'The file is too large for a figure', {
        where: { file: path },
        expected: `at most ${mostFigureBytes.toLocaleString('en')} bytes`,
        found: `${size.toLocaleString('en')} bytes`,
      })
    const bytes = new Uint8Array(size)
    await read(0, bytes)
    return { bytes, ...embeddedText(bytes) }
  })

/**
 * What `svgWith`, `xmpWith` or `pngWith` put into a file. The file may be anything: nothing of it but this text is used.
 * @throws HeschlError FORMAT_INVALID where it is no such file, or holds none
 */
export function embeddedText(bytes: Uint8Array): { readonly format: FigureFormat; readonly text: string } {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (isPng(buffer)) return { format: 'png', text: found(textOf(buffer, pngKeyword), 'png') }
  if (buffer.subarray(0, 5).equals(Buffer.from('%PDF-'))) return { format: 'pdf', text: found(between(buffer), 'pdf') }
  const start = buffer.subarray(0, 1024).toString('utf8').trimStart()
  if (/^(<\?xml|<svg|<!--|\uFEFF)/.test(start) && buffer.includes('<svg'))
    return { format: 'svg', text: found(between(buffer), 'svg') }
  throw new HeschlError('FORMAT_INVALID', 'This is not a figure', {
    expected: 'an SVG, PDF or PNG file that heschl export wrote',
    found: 'another file',
  })
}

function between(buffer: Buffer): string | undefined {
  const from = buffer.indexOf(open)
  const to = from < 0 ? -1 : buffer.indexOf(close, from)
  return to < 0 ? undefined : unescapeXml(buffer.toString('utf8', from + open.length, to))
}

function found(text: string | undefined, format: FigureFormat): string {
  if (text !== undefined) return text
  throw new HeschlError('FORMAT_INVALID', 'The figure does not say what it was made from', {
    expected: `a ${format.toUpperCase()} file as heschl export writes it`,
    found: 'no record of its study: another program wrote it, or took the record out when it saved the file',
    remedy: 'Use the file as it was exported',
  })
}
