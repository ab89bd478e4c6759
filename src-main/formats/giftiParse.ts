/**
 * GIFTI 1.0 (https://www.nitrc.org/projects/gifti/) as a stream: the file is decoded, decompressed and parsed piece by
 * piece, and each data array is handed over as soon as it is complete. Internal entities are never expanded (saxes
 * knows the five of XML alone), and nothing outside the file is ever opened.
 */
import { SaxesParser } from 'saxes'
import type { SaxesTagPlain } from 'saxes'
import { HeschlError } from '../errors.ts'
import type { ErrorPlace } from '../errors.ts'
import { withFile } from './fileBytes.ts'
import { isGzipped, unpackedPieces } from './gzipped.ts'
import { decodeData, textLimit } from './giftiData.ts'
import type { GiftiLayout, GiftiValues } from './giftiData.ts'
import { integerAttribute, readIntent, readLabel, readLayout } from './giftiAttributes.ts'
import type { GiftiLabel } from './giftiAttributes.ts'

export interface GiftiArray {
  /** `NIFTI_INTENT_POINTSET`, `NIFTI_INTENT_TIME_SERIES`… */
  readonly intent: string
  readonly dims: readonly number[]
  /** Row-major, whatever the file's order. */
  readonly data: GiftiValues
  readonly metadata: ReadonlyMap<string, string>
}

/** What a reader of the stream is told. Return `'stop'` from `onLayout` to read no further. */
interface GiftiVisitor {
  readonly onDeclaredArrays?: (count: number) => void
  readonly onLayout?: (layout: GiftiLayout, intent: string) => 'stop' | undefined
  readonly onLabel?: (label: GiftiLabel) => void
  readonly onArray?: (array: GiftiArray) => void
}

/** Everything between two tags that is not data: names, values, comments. */
const MAX_TEXT = 1 << 20
/** Everything in a file that is not data: 64 MiB is room for 50,000 arrays with their metadata. */
const MAX_MARKUP = 1 << 26
/** Decoded bytes of one file: 1 GiB is 6,500 volumes of one fsaverage6 hemisphere. */
const MAX_TOTAL_BYTES = 2 ** 30
const MAX_DEPTH = 32

/**
 * Reads `path`, plain or gzipped (told by its first bytes, not by its name), and tells `visitor` what it finds.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID with file and line
 */
export async function parseGifti(path: string, visitor: GiftiVisitor): Promise<void> {
  const parser = new GiftiParser(path, visitor)
  const decoder = new TextDecoder('utf-8')
  try {
    const gzipped = await withFile(path, isGzipped)
    for await (const chunk of unpackedPieces(path, gzipped)) {
      parser.write(decoder.decode(chunk, { stream: true }))
      if (parser.stopped) return
    }
    parser.write(decoder.decode())
    parser.close()
  } catch (error) {
    throw fromParser(error, path, parser.line)
  }
}

function fromParser(error: unknown, path: string, line: number): HeschlError {
  if (error instanceof HeschlError) return error
  const known = HeschlError.from(error, { file: path })
  if (known.code !== 'INTERNAL') return known
  return new HeschlError('FORMAT_INVALID', 'This is not a well-formed GIFTI file', {
    expected: 'GIFTI 1.0: XML, plain or gzipped',
    found: error instanceof Error ? error.message : String(error),
    where: { file: path, line },
    remedy: 'Write the file again, or fetch it again: it is damaged, cut short, or another format',
    cause: error,
  })
}

class GiftiParser {
  stopped = false
  private readonly sax = new SaxesParser({ xmlns: false, position: true })
  private readonly file: string
  private readonly visitor: GiftiVisitor
  private readonly path: string[] = []
  private text = ''
  private sinceTag = 0
  private read = 0
  private dataText = 0
  private declared = -1
  private arrays = 0
  private bytes = 0
  private layout: GiftiLayout | undefined
  private intent = ''
  private metadata = new Map<string, string>()
  private name = ''
  private label: Omit<GiftiLabel, 'name'> | undefined
  private values: GiftiValues | undefined

  constructor(file: string, visitor: GiftiVisitor) {
    this.file = file
    this.visitor = visitor
    this.sax.on('opentag', (tag) => this.openTag(tag))
    this.sax.on('closetag', (tag) => this.closeTag(tag.name))
    const collect = (text: string) => {
      this.text += text
    }
    this.sax.on('text', collect)
    this.sax.on('cdata', collect)
  }

  get line(): number {
    return this.sax.line
  }

  private get where(): ErrorPlace {
    return { file: this.file, line: this.sax.line }
  }

  write(text: string): void {
    if (this.stopped) return
    this.sinceTag += text.length
    this.read += text.length
    this.sax.write(text)
    const inData = this.path.at(-1) === 'Data'
    const limit = inData && this.layout ? textLimit(this.layout) : MAX_TEXT
    if (this.read - this.dataText - (inData ? this.sinceTag : 0) > MAX_MARKUP) {
      throw this.invalid('A GIFTI file has too much beside its data', `at most ${MAX_MARKUP} characters`, 'more')
    }
    if (this.sinceTag > limit) {
      throw this.invalid('A GIFTI file has an element that is too long', `at most ${limit} characters`, 'more')
    }
  }

  close(): void {
    if (this.stopped) return
    this.sax.close()
    if (this.declared < 0) throw this.invalid('This is not a GIFTI file', 'a <GIFTI> element', 'another document')
    if (this.arrays !== this.declared) {
      throw this.invalid(
        'A GIFTI file does not have as many data arrays as it says',
        `${this.declared} (NumberOfDataArrays)`,
        `${this.arrays}`,
      )
    }
  }

  private openTag(tag: SaxesTagPlain): void {
    if (this.stopped) return
    this.sinceTag = 0
    this.text = ''
    this.path.push(tag.name)
    if (this.path.length > MAX_DEPTH) {
      throw this.invalid('A GIFTI file is nested too deeply', `${MAX_DEPTH} levels at most`, `<${tag.name}>`)
    }
    if (this.path.length === 1) this.openRoot(tag)
    else if (tag.name === 'DataArray') this.openArray(tag)
    else if (tag.name === 'Label') this.label = readLabel(tag.attributes, this.where)
  }

  private openRoot(tag: SaxesTagPlain): void {
    if (tag.name !== 'GIFTI') throw this.invalid('This is not a GIFTI file', '<GIFTI>', `<${tag.name}>`)
    this.declared = integerAttribute(tag.attributes, 'NumberOfDataArrays', this.where)
    this.visitor.onDeclaredArrays?.(this.declared)
  }

  private openArray(tag: SaxesTagPlain): void {
    this.layout = readLayout(tag.attributes, MAX_TOTAL_BYTES - this.bytes, this.where)
    this.intent = readIntent(tag.attributes, this.where)
    this.metadata = new Map()
    this.values = undefined
    if (this.visitor.onLayout?.(this.layout, this.intent) === 'stop') this.stopped = true
  }

  private closeTag(name: string): void {
    if (this.stopped) return
    this.sinceTag = 0
    const parent = this.path.at(-2)
    this.path.pop()
    const inArray = this.path.includes('DataArray')
    if (name === 'Label' && this.label) this.visitor.onLabel?.({ ...this.label, name: this.text.trim() })
    else if (name === 'Name' && parent === 'MD') this.name = this.text.trim()
    else if (name === 'Value' && parent === 'MD' && inArray) this.metadata.set(this.name, this.text.trim())
    else if (name === 'Data' && parent === 'DataArray') this.closeData()
    else if (name === 'DataArray') this.closeArray()
    this.text = ''
  }

  private closeData(): void {
    const layout = this.layout!
    if (this.values) throw this.invalid('A GIFTI array has its data twice', 'one <Data>', 'a second one')
    this.dataText += this.text.length
    this.values = decodeData(this.text, layout, this.where)
    this.bytes += this.values.byteLength
  }

  private closeArray(): void {
    if (!this.values) throw this.invalid('A GIFTI array has no data', 'a <Data> element', 'none')
    this.arrays++
    const { intent, metadata, values } = this
    this.visitor.onArray?.({ intent, dims: this.layout!.dims, data: values, metadata })
    this.values = undefined
    this.layout = undefined
  }

  private invalid(summary: string, expected: string, found: string): HeschlError {
    return new HeschlError('FORMAT_INVALID', summary, {
      expected,
      found,
      where: this.where,
      remedy: 'Write the file again, or fetch it again',
    })
  }
}
