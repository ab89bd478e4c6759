import { arrayPlace } from '../arrayPlace.ts'
import type { Store } from '../store/store.ts'

/** Of a file, and of which of its arrays is meant. @throws HeschlError FILE_MISSING, FILE_UNREADABLE */
export async function arrayHash(store: Store, reference: string): Promise<string> {
  const { file, inside } = arrayPlace(reference)
  const hash = await store.fileHash(file)
  return inside === undefined ? hash : `${hash}:${inside}`
}
