/** Entries of arrays of chunks: an address each, and of filtered chunks a size and the filters that were not applied. */
import type { Cursor, Hdf5Source } from './source.ts'

export interface EntryForm {
  readonly filtered: boolean
  readonly entryBytes: number
}

export interface Entry {
  readonly form: EntryForm
  readonly index: number
  readonly entry: Cursor
}

/** @throws HeschlError FORMAT_INVALID */
export function checkPage(source: Hdf5Source, { filtered, entryBytes }: EntryForm, pageBits: number): void {
  const least = source.offsetBytes + (filtered ? 5 : 0)
  const most = filtered ? least + 7 : least
  if (entryBytes < least || entryBytes > most || pageBits > 32)
    throw source.invalid(`entries of ${least} to ${most} bytes`, `${entryBytes}, in pages of 2^${pageBits}`)
}

/** @param first index of the entries that follow in the cursor */
export function* entriesOf(form: EntryForm, cursor: Cursor, first: number, count: number): Generator<Entry> {
  for (let i = 0; i < count; i++) yield { form, index: first + i, entry: cursor.part(form.entryBytes) }
}
