/** Just enough of a PDF reader for tests: objects with their streams, and the text of a page through its fonts' maps. */
import { inflateSync } from 'node:zlib'

export interface PdfObject {
  /** The dictionary or value, as it is written. */
  readonly written: string
  /** Inflated where it was deflated; empty without a stream. */
  readonly stream: Buffer
}

export function pdfObjects(pdf: Uint8Array): ReadonlyMap<number, PdfObject> {
  const bytes = Buffer.from(pdf)
  const text = bytes.toString('latin1')
  const objects = new Map<number, PdfObject>()
  for (const { 1: id, index, 0: start } of text.matchAll(/(?<=\n)(\d+) 0 obj\n/g)) {
    const from = index + start.length
    const length = /^<<(?:(?!stream\n)[^])*?\/Length (\d+)/.exec(text.slice(from, from + 2000))
    const end = text.indexOf('endobj', from)
    const at = text.indexOf('stream\n', from)
    if (!length || at < 0 || at > end) {
      objects.set(Number(id), { written: text.slice(from, end), stream: Buffer.alloc(0) })
      continue
    }
    const raw = bytes.subarray(at + 7, at + 7 + Number(length[1]))
    const written = text.slice(from, at)
    objects.set(Number(id), { written, stream: written.includes('/FlateDecode') ? inflateSync(raw) : raw })
  }
  return objects
}

/** Objects whose dictionary has this text. */
export const withText = (objects: ReadonlyMap<number, PdfObject>, text: string) =>
  [...objects.values()].filter(({ written }) => written.includes(text))

/** The object that an entry of a dictionary refers to. */
export function referred(objects: ReadonlyMap<number, PdfObject>, { written }: PdfObject, entry: string): PdfObject {
  const id = new RegExp(`/${entry} \\[?(\\d+) 0 R`).exec(written)![1]
  return objects.get(Number(id))!
}

/** Strings in the order in which a page draws them. */
export function pageText(objects: ReadonlyMap<number, PdfObject>): readonly string[] {
  const [page] = withText(objects, '/Type /Page\n')
  const resources = referred(objects, page, 'Resources')
  const maps = new Map<string, readonly string[]>()
  for (const [, name, id] of resources.written.matchAll(/\/(F\d+) (\d+) 0 R/g))
    maps.set(name, glyphTexts(referred(objects, objects.get(Number(id))!, 'ToUnicode').stream.toString('latin1')))
  const content = referred(objects, page, 'Contents').stream.toString('latin1')
  return [...content.matchAll(/BT\n([^]*?)ET/g)].map(([, block]) => {
    const map = maps.get(/\/(F\d+) /.exec(block)![1])!
    return [...block.matchAll(/<([\da-f]+)>/g)]
      .flatMap(([, hex]) => hex.match(/.{4}/g)!)
      .map((glyph) => map[parseInt(glyph, 16)])
      .join('')
  })
}

/** Of a ToUnicode map whose ranges begin at 0 and go on: `[<0000> <0048> …]`. */
function glyphTexts(cmap: string): readonly string[] {
  const texts: string[] = []
  for (const [, from, , list] of cmap.matchAll(/<([\da-f]{4})> <([\da-f]{4})> \[([^\]]*)\]/g))
    for (const [i, [, hex]] of [...list.matchAll(/<([\da-f ]+)>/g)].entries())
      texts[parseInt(from, 16) + i] = String.fromCharCode(...hex.match(/[\da-f]{4}/g)!.map((u) => parseInt(u, 16)))
  return texts
}
