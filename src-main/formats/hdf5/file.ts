/**
 * HDF5 files, read by parts and trusted in nothing; source: the HDF5 File Format Specification, version 4.0.
 *
 * The libraries that there are were tried. h5wasm (libhdf5 in WebAssembly, 4 MB) gives numbers where reading failed: a
 * chunk whose checksum is wrong comes as if it were sound. jsfive holds the whole file in memory and lacks the chunk
 * indices of newer files.
 */
import { HeschlError } from '../../errors.ts'
import { withFile } from '../fileBytes.ts'
import type { FileBytes } from '../fileBytes.ts'
import { readAttributes } from './attributes.ts'
import type { Attribute } from './attributes.ts'
import { Hdf5DataSet } from './dataset.ts'
import { readLinks } from './groups.ts'
import type { Link } from './groups.ts'
import { readMessages, readSuperblock } from './objects.ts'
import type { Messages } from './objects.ts'
import type { Hdf5Source } from './source.ts'

/** Links to links, and groups in groups. */
const deepest = 64
/** Objects that are listed. */
const mostObjects = 10_000

/** A group or a data set. */
export interface Hdf5Object {
  readonly address: number
  readonly messages: Messages
}

/** A data set among others. */
export interface ListedSet {
  readonly object: Hdf5Object
  readonly dataSet: Hdf5DataSet
}

/** Opens a file, hands it to `use` and closes it. @throws HeschlError FILE_MISSING, FILE_UNREADABLE, FORMAT_INVALID */
export async function withHdf5<Result>(path: string, use: (file: Hdf5File) => Promise<Result>): Promise<Result> {
  return withFile(path, async (file) => use(await openHdf5(file)))
}

/** As `withHdf5`, of what is open already. */
export async function openHdf5(file: FileBytes): Promise<Hdf5File> {
  const { source, root } = await readSuperblock(file)
  return new Hdf5File(source, root)
}

export class Hdf5File {
  readonly source: Hdf5Source
  readonly #root: number
  readonly #objects = new Map<number, Promise<Hdf5Object>>()
  readonly #links = new Map<number, ReadonlyMap<string, Link> | undefined>()

  constructor(source: Hdf5Source, root: number) {
    this.source = source
    this.#root = root
  }

  /** @throws HeschlError FORMAT_INVALID */
  object(address: number): Promise<Hdf5Object> {
    const known = this.#objects.get(address)
    if (known) return known
    const read = readMessages(this.source, address).then((messages) => ({ address, messages }))
    this.#objects.set(address, read)
    return read
  }

  attributes({ messages }: Hdf5Object): Promise<ReadonlyMap<string, Attribute>> {
    return readAttributes(this.source, messages)
  }

  /** Undefined where the object is a group. */
  dataSet({ messages }: Hdf5Object): Promise<Hdf5DataSet | undefined> {
    return Hdf5DataSet.of(this.source, messages)
  }

  /** Undefined where the object is no group. */
  async links({ address, messages }: Hdf5Object): Promise<ReadonlyMap<string, Link> | undefined> {
    if (!this.#links.has(address)) this.#links.set(address, await readLinks(this.source, messages))
    return this.#links.get(address)
  }

  /** @param path as `/group/data`; undefined where there is none. @throws HeschlError FORMAT_INVALID */
  async find(path: string): Promise<Hdf5Object | undefined> {
    let steps = path.split('/').filter((step) => step !== '')
    let here = await this.object(this.#root)
    for (let followed = 0; steps.length > 0;) {
      const [step, ...rest] = steps
      const links = await this.links(here)
      const link = links?.get(step)
      if (!link) return undefined
      steps = rest
      if (link.kind === 'hard') here = await this.object(link.address)
      else if (link.kind === 'external')
        throw this.source.unsupported(`a link to another file, ${link.file.slice(0, 200)}`, 'Name that file')
      else {
        if (++followed > deepest) throw this.source.invalid('links that lead somewhere', 'links in a circle')
        steps = [...link.path.split('/').filter((part) => part !== '' && part !== '.'), ...rest]
        if (link.path.startsWith('/')) here = await this.object(this.#root)
      }
    }
    return here
  }

  /** Every data set, by the first path that leads to it. @throws HeschlError FORMAT_INVALID */
  async list(): Promise<ReadonlyMap<string, ListedSet>> {
    const found = new Map<string, ListedSet>()
    const seen = new Set([this.#root])
    const visit = async (address: number, path: string, depth: number): Promise<void> => {
      const object = await this.object(address)
      const links = await this.links(object)
      if (!links) {
        const dataSet = await this.dataSet(object)
        if (dataSet) found.set(path, { object, dataSet })
        return
      }
      for (const [name, link] of links) {
        if (link.kind !== 'hard' || seen.has(link.address) || depth === deepest) continue
        if (seen.size === mostObjects)
          throw new HeschlError('FORMAT_INVALID', 'This HDF5 file holds too many objects to be listed', {
            where: { file: this.source.path },
            expected: `at most ${mostObjects.toLocaleString('en')}`,
            found: 'more',
            remedy: 'Name the data set: file.h5:/group/data',
          })
        seen.add(link.address)
        await visit(link.address, `${path}/${name}`, depth + 1)
      }
    }
    await visit(this.#root, '', 0)
    return found
  }
}
