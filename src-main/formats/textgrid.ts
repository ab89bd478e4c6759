import { HeschlError } from '../errors.ts'

export interface TextGridTier {
  readonly name: string
  readonly kind: 'interval' | 'point'
  /** A point's start and end are the same. Seconds. */
  readonly entries: readonly { readonly start: number; readonly end: number; readonly text: string }[]
}

type Token = { readonly line: number } & (
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'number'; readonly number: number }
  | { readonly kind: 'flag'; readonly flag: string }
)

/**
 * Praat's TextGrid in its long or its short form. As in Praat, only free-standing numbers, texts in quotes and flags
 * in angle brackets count; all else ("xmin =", "intervals [1]:") is there for people.
 * Source: praat.org/manual/TextGrid_file_formats.html.
 *
 * @param source the file's text
 * @param path for errors
 * @throws HeschlError FORMAT_INVALID with the line
 */
export function parseTextGrid(source: string, path: string): readonly TextGridTier[] {
  const tokens = tokensOf(source, path)
  let at = 0
  const fail = (expected: string): HeschlError => {
    const token = tokens[at]
    const found = !token ? 'the end of the file' : token.kind === 'number' ? `${token.number}` : 'something else'
    return invalid(path, expected, found, token?.line ?? tokens.at(-1)?.line ?? 1)
  }
  const text = (what: string): string => {
    const token = tokens[at]
    if (token?.kind !== 'text') throw fail(what)
    at++
    return token.text
  }
  const number = (what: string): number => {
    const token = tokens[at]
    if (token?.kind !== 'number') throw fail(what)
    at++
    return token.number
  }
  if (text('"ooTextFile"') !== 'ooTextFile' || text('"TextGrid"') !== 'TextGrid')
    throw invalid(path, 'a TextGrid', 'another Praat file', 1)
  number('the start time')
  number('the end time')
  const flag = tokens[at++]
  if (flag?.kind !== 'flag') throw fail('<exists>')
  const tiers: TextGridTier[] = []
  const count = flag.flag === 'exists' ? number('the number of tiers') : 0
  while (tiers.length < count) {
    const type = text('the kind of a tier')
    if (type !== 'IntervalTier' && type !== 'TextTier') throw fail('"IntervalTier" or "TextTier"')
    const name = text("a tier's name")
    number("a tier's start time")
    number("a tier's end time")
    const size = number("a tier's number of entries")
    const entries: { start: number; end: number; text: string }[] = []
    while (entries.length < size) {
      const start = number('a start time')
      const end = type === 'IntervalTier' ? number('an end time') : start
      if (end < start) throw fail('an end time that is not before the start')
      entries.push({ start, end, text: text('a label') })
    }
    tiers.push({ name, kind: type === 'IntervalTier' ? 'interval' : 'point', entries })
  }
  return tiers
}

function tokensOf(source: string, path: string): readonly Token[] {
  const tokens: Token[] = []
  let line = 1
  for (let at = 0; at < source.length;) {
    const character = source[at]
    if (character === '\n') line++
    if (/\s/.test(character)) {
      at++
    } else if (character === '"') {
      const { text, end } = quoted(source, at, () => invalid(path, 'a closing quote', 'the end of the file', line))
      tokens.push({ kind: 'text', text, line })
      for (let i = at; i < end; i++) if (source[i] === '\n') line++
      at = end
    } else if (character === '!') {
      // A comment reaches to the end of the line.
      while (at < source.length && source[at] !== '\n') at++
    } else {
      const start = at
      while (at < source.length && !/[\s"]/.test(source[at])) at++
      const word = source.slice(start, at)
      if (/^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?%?$/.test(word)) {
        const number = Number.parseFloat(word)
        if (!Number.isFinite(number)) throw invalid(path, 'a number that can be held', word.slice(0, 40), line)
        tokens.push({ kind: 'number', number, line })
      } else if (/^<\w+>$/.test(word)) tokens.push({ kind: 'flag', flag: word.slice(1, -1), line })
    }
  }
  return tokens
}

/** A text in quotes, in which a quote is written twice. */
function quoted(source: string, start: number, unclosed: () => HeschlError): { text: string; end: number } {
  let text = ''
  for (let from = start + 1; ;) {
    const quote = source.indexOf('"', from)
    if (quote < 0) throw unclosed()
    text += source.slice(from, quote)
    if (source[quote + 1] !== '"') return { text, end: quote + 1 }
    text += '"'
    from = quote + 2
  }
}

function invalid(path: string, expected: string, found: string, line: number): HeschlError {
  return new HeschlError('FORMAT_INVALID', 'This is not a sound TextGrid', {
    where: { file: path, line },
    expected,
    found,
    remedy: 'Open it in Praat and save it again as a text file',
  })
}
