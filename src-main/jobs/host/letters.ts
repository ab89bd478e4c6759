/** Which letters of a drawing its font does not have: they come out as empty boxes where the font is embedded. */
import { readFileSync } from 'node:fs'
import { fontFiles } from './png.ts'

let known: ReadonlySet<number> | undefined

/** @param svg whose texts and titles are looked at @returns each letter once, in the order of their first places */
export function missingLetters(svg: string): readonly string[] {
  known ??= codePointsOf(readFileSync(fontFiles()[400]))
  const letters = new Set([...svg.matchAll(/>([^<]+)</g)].flatMap(([, text]) => [...text]))
  return [...letters].filter((letter) => {
    const code = letter.codePointAt(0)!
    return code > 0x7f && !known!.has(code)
  })
}

/** What a TrueType font has glyphs for: its `cmap` in segments (format 4), and in groups where there are such (format 12). */
function codePointsOf(font: Buffer): ReadonlySet<number> {
  const codes = new Set<number>()
  const add = (first: number, last: number) => {
    for (let code = first; code <= last; code++) codes.add(code)
  }
  const record = Array.from({ length: font.readUInt16BE(4) }, (_, i) => 12 + 16 * i).find(
    (at) => font.toString('latin1', at, at + 4) === 'cmap',
  )!
  const cmap = font.readUInt32BE(record + 8)
  for (let i = 0; i < font.readUInt16BE(cmap + 2); i++) {
    const table = cmap + font.readUInt32BE(cmap + 8 + 8 * i)
    const format = font.readUInt16BE(table)
    if (format === 4) {
      const size = font.readUInt16BE(table + 6)
      for (let at = table + 14; at < table + 14 + size; at += 2) {
        const [first, last] = [font.readUInt16BE(at + size + 2), font.readUInt16BE(at)]
        if (last < 0xffff) add(first, last)
      }
    }
    if (format === 12) {
      const groups = font.readUInt32BE(table + 12)
      for (let at = table + 16; at < table + 16 + 12 * groups; at += 12)
        add(font.readUInt32BE(at), font.readUInt32BE(at + 4))
    }
  }
  return codes
}
