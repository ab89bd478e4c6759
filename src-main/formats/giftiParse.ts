/**
 * GIFTI 1.0 (https://www.nitrc.org/projects/gifti/) as a stream: the file is decoded, decompressed and parsed piece by
 * piece, and each data array is handed over as soon as it is complete. Internal entities are never expanded (saxes
 * knows the five of XML alone), and no other file is opened but the one beside it that an array names for its numbers.
 */
import { basename, dirname, join } from 'node:path'
import { SaxesParser } from 'saxes'
import type { SaxesTagPlain } from 'saxes'
import { HeschlError } from '../errors.ts'
import type { ErrorPlace } from '../errors.ts'
import { withFile } from './fileBytes.ts'
import { decodeBytes, decodeData, decodedBytes, textLimit } from './giftiData.ts'
import type { GiftiLayout, GiftiValues } from './giftiData.ts'
import { integerAttribute, readIntent, readLabel, readLayout } from './giftiAttributes.ts'
import type { GiftiLabel } from './giftiAttributes.ts'
import { GiftiSplitter } from './giftiSplit.ts'
import { isGzipped, unpackedPieces } from './gzipped.ts'

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
/** Arrays that other threads unpack while the file is read on: so many, and so many bytes of them. */
const MAX_PENDING = 48
const MAX_PENDING_BYTES = 1 << 25

/**
 * Reads `path`, plain or gzipped (told by its first bytes, not by its name), and tells `visitor` what it finds.
 * @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID with file and line
 */
export async function parseGifti(path: string, visitor: GiftiVisitor): Promise<void> {
  const parser = new GiftiParser(path, visitor)
  try {
    const gzipped = await withFile(path, isGzipped)
    for await (const piece of unpackedPieces(path, gzipped)) {
      parser.write(piece)
      if (parser.stopped) return
      await parser.handOver(MAX_PENDING, MAX_PENDING_BYTES)
    }
    parser.close()
    await parser.handOver(0, 0)
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
  private readonly decoder = new TextDecoder('utf-8')
  private readonly splitter: GiftiSplitter
  private readonly file: string
  private readonly visitor: GiftiVisitor
  private readonly path: string[] = []
  private readonly pending: Promise<GiftiArray>[] = []
  /** Bytes of their numbers. */
  private pendingBytes = 0
  private text = ''
  private sinceTag = 0
  private markup = 0
  /** Lines of data, which the parser does not see. */
  private dataLines = 0
  private declared = -1
  private arrays = 0
  private bytes = 0
  private layout: GiftiLayout | undefined
  private intent = ''
  private metadata = new Map<string, string>()
  private name = ''
  private label: Omit<GiftiLabel, 'name'> | undefined
  private values: Promise<GiftiValues> | undefined

  constructor(file: string, visitor: GiftiVisitor) {
    this.file = file
    this.visitor = visitor
    this.splitter = new GiftiSplitter({
      markup: (bytes) => this.writeMarkup(this.decoder.decode(bytes, { stream: true })),
      inData: () => !this.stopped && this.path.at(-1) === 'Data' && this.path.at(-2) === 'DataArray',
      data: (bytes) => this.writeData(bytes),
    })
    this.sax.on('opentag', (tag) => this.openTag(tag))
    this.sax.on('closetag', (tag) => this.closeTag(tag.name))
    const collect = (text: string) => {
      this.text += text
    }
    this.sax.on('text', collect)
    this.sax.on('cdata', collect)
  }

  get line(): number {
    return this.sax.line + this.dataLines
  }

  private get where(): ErrorPlace {
    return { file: this.file, line: this.line }
  }

  write(piece: Uint8Array): void {
    if (!this.stopped) this.splitter.write(piece)
  }

  /** Arrays, in their order, until no more than so many, of so many bytes, are still being unpacked. */
  async handOver(most: number, bytes: number): Promise<void> {
    while (this.pending.length > most || this.pendingBytes > bytes) {
      const array = await this.pending.shift()!
      this.pendingBytes -= array.data.byteLength
      this.visitor.onArray?.(array)
    }
  }

  private writeMarkup(text: string): void {
    if (this.stopped) return
    this.sinceTag += text.length
    if (this.path.at(-1) !== 'Data') this.markup += text.length
    this.sax.write(text)
    if (this.markup > MAX_MARKUP) {
      throw this.invalid('A GIFTI file has too much beside its data', `at most ${MAX_MARKUP} characters`, 'more')
    }
    this.checkLength()
  }

  private writeData(bytes: Uint8Array): void {
    const part = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) this.dataLines++
    this.sinceTag += part.length
    this.checkLength()
    this.text += part.toString('latin1')
  }

  private checkLength(): void {
    const limit = this.path.at(-1) === 'Data' && this.layout ? textLimit(this.layout) : MAX_TEXT
    if (this.sinceTag > limit) {
      throw this.invalid('A GIFTI file has an element that is too long', `at most ${limit} characters`, 'more')
    }
  }

  close(): void {
    if (this.stopped) return
    this.splitter.end()
    this.sax.write(this.decoder.decode()).close()
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
    this.values = layout.external
      ? readExternal(this.file, layout, layout.external, this.where)
      : decodeData(this.text, layout, this.where)
    // A failure is told where the array is handed over; until then it is nobody's
    this.values.catch(() => undefined)
    this.bytes += decodedBytes(layout)
  }

  private closeArray(): void {
    const { intent, metadata, values } = this
    if (!values) throw this.invalid('A GIFTI array has no data', 'a <Data> element', 'none')
    this.arrays++
    const { dims } = this.layout!
    this.pendingBytes += decodedBytes(this.layout!)
    const array = values.then((data) => ({ intent, dims, data, metadata }))
    array.catch(() => undefined)
    this.pending.push(array)
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

/** Numbers in a file of their own: it lies beside the GIFTI file, or is not opened. */
async function readExternal(
  path: string,
  layout: GiftiLayout,
  { name, offset }: { readonly name: string; readonly offset: number },
  where: ErrorPlace,
): Promise<GiftiValues> {
  if (name === '' || name !== basename(name) || name === '..' || name === '.' || /[\\:\0]/.test(name)) {
    throw new HeschlError('FORMAT_INVALID', 'A GIFTI file keeps its data in a file that does not lie beside it', {
      expected: 'a file name, without folders',
      found: JSON.stringify(name.slice(0, 200)),
      where,
      remedy: 'Put the files into one folder, or convert them: wb_command -gifti-convert GZIP_BASE64_BINARY IN OUT',
    })
  }
  const bytes = await withFile(join(dirname(path), name), async (file) => {
    const needed = offset + decodedBytes(layout)
    if (needed > file.size) {
      throw new HeschlError('FORMAT_INVALID', 'The file that a GIFTI array is in ends too early', {
        expected: `${needed} bytes`,
        found: `${file.size} bytes in ${name}`,
        where,
        remedy: 'Copy both files again',
      })
    }
    const part = new Uint8Array(decodedBytes(layout))
    await file.read(offset, part)
    return part
  })
  return decodeBytes(bytes, layout, where)
}
