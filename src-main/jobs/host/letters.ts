/** Which font a drawing's letters are drawn with: Inter, and Noto Sans for what it lacks, such as ɕ and ʑ. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

// Not `require`: the bundle declares that name itself.
const nodeRequire = createRequire(import.meta.url)

type Files = Readonly<Record<400 | 500 | 600, string>>

/** The Inter font's files by weight, as the window loads them. */
export const fontFiles = (): Files => ({
  400: nodeRequire.resolve('@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf'),
  500: nodeRequire.resolve('@expo-google-fonts/inter/500Medium/Inter_500Medium.ttf'),
  600: nodeRequire.resolve('@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf'),
})

/** Noto Sans, which has the whole phonetic alphabet; its letters are taken one by one. */
export const fallbackFiles = (): Files => ({
  400: nodeRequire.resolve('@expo-google-fonts/noto-sans/400Regular/NotoSans_400Regular.ttf'),
  500: nodeRequire.resolve('@expo-google-fonts/noto-sans/500Medium/NotoSans_500Medium.ttf'),
  600: nodeRequire.resolve('@expo-google-fonts/noto-sans/600SemiBold/NotoSans_600SemiBold.ttf'),
})

type Letters = ReadonlySet<number>
let known: { readonly inter: Letters; readonly fallback: Letters } | undefined

function lettersKnown() {
  known ??= {
    inter: codePointsOf(readFileSync(fontFiles()[400])),
    fallback: codePointsOf(readFileSync(fallbackFiles()[400])),
  }
  return known
}

/**
 * Letters that neither font has: they come out as empty boxes where fonts are embedded.
 * @param svg whose texts and titles are looked at
 * @returns each letter once, in the order of their first places
 */
export function missingLetters(svg: string): readonly string[] {
  const letters = new Set([...svg.matchAll(/>([^<]+)</g)].flatMap(([, text]) => [...text]))
  return [...letters].filter((letter) => {
    const code = letter.codePointAt(0)!
    return code > 0x7f && !lettersKnown().inter.has(code) && !lettersKnown().fallback.has(code)
  })
}

/** Whether a drawing has a letter that Inter lacks and the other font has. */
export const needsFallback = (svg: string): boolean =>
  [...svg.matchAll(/>([^<]+)</g)].some(([, text]) => runsOf(text).some(({ fallback }) => fallback))

interface Run {
  readonly words: string
  readonly fallback: boolean
}

const letters = new Intl.Segmenter('en', { granularity: 'grapheme' })

/** Words in runs of one font; marks stay in the font of the letter they stand on, and no run but the first begins with a space. */
export function runsOf(words: string): readonly Run[] {
  if (/^[\x20-\x7e]*$/.test(words)) return [{ words, fallback: false }]
  const { inter, fallback } = lettersKnown()
  const runs: { words: string; fallback: boolean }[] = []
  for (const { segment } of letters.segment(words)) {
    const has = (font: Letters) => [...segment].every((letter) => font.has(letter.codePointAt(0)!))
    const lacks = !has(inter) && has(fallback)
    const last = runs.at(-1)
    if (last && (last.fallback === lacks || segment === ' ')) last.words += segment
    else runs.push({ words: segment, fallback: lacks })
  }
  return runs
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
