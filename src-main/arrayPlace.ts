/** How an array in a file of several is named. Pure. */

export interface ArrayPlace {
  readonly file: string
  /** Of one array among several, in the file's own words: `/group/data`, `runs{2}.data`. */
  readonly inside?: string
}

/** `file.h5:/group/data` is a file and what is meant in it: a colon right after the file's ending parts them. */
export function arrayPlace(reference: string): ArrayPlace {
  const found = /^(.*\.[A-Za-z0-9]{1,8}):(.+)$/s.exec(reference)
  return found ? { file: found[1], inside: found[2].replaceAll('\\', '/') } : { file: reference }
}
