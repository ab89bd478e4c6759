/** Audio and its transcripts among a data set's files. */
import { extname } from 'node:path'
import type { BidsFile } from './tree.ts'

const audioExtensions = ['.wav', '.flac', '.mp3', '.ogg', '.oga', '.opus']

export const audioFiles = (files: readonly BidsFile[]): readonly BidsFile[] =>
  files.filter(({ name }) => audioExtensions.includes(extname(name).toLowerCase()))

const stemOf = (name: string) => name.slice(0, name.length - extname(name).length)

/** What the names of one stimulus have in common: `task-pieman_audio` and `pieman` alike. */
const plain = (stem: string) =>
  stem
    .toLowerCase()
    .replace(/^task-/, '')
    .replace(/[_-](audio|stimulus|sound)$/, '')

/**
 * The audio of a task's run: `TASK_run-RUN` before `TASK`, in any of the usual spellings.
 * @returns null where there is none, or it is not clear which
 */
export function audioOf(audio: readonly BidsFile[], task: string, run: string): BidsFile | null {
  const name = task.toLowerCase()
  const names = run === '' ? [[name]] : [[`${name}_run-${run}`, `${name}_run${run}`, `${name}_section-${run}`], [name]]
  for (const spellings of names) {
    const found = audio.filter((file) => spellings.includes(plain(stemOf(file.name))))
    if (found.length === 1) return found[0]
  }
  return null
}

/** The words of a stimulus: gentle's alignment, a TextGrid or a table named as the audio or the task. */
export function wordsOf(files: readonly BidsFile[], task: string, audio: BidsFile): BidsFile | null {
  const stem = plain(stemOf(audio.name))
  const gentle = files.find(({ path }) => path.toLowerCase().endsWith(`gentle/${task.toLowerCase()}/align.csv`))
  const named = (ends: readonly string[]) =>
    files.find(({ name }) =>
      ends.some((end) => name.toLowerCase().endsWith(end) && plain(name.slice(0, -end.length)) === stem),
    )
  return gentle ?? named(['_words.tsv', '.words.tsv', '.textgrid']) ?? null
}

/** The phones, likewise. */
export function phonesOf(files: readonly BidsFile[], audio: BidsFile): BidsFile | null {
  const stem = plain(stemOf(audio.name))
  const end = ['_phones.tsv', '.phones.tsv']
  return files.find(({ name }) => end.some((e) => name.endsWith(e) && plain(name.slice(0, -e.length)) === stem)) ?? null
}
