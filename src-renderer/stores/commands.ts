/** What the command palette offers: every part of the window says what it can do, and is asked when the palette opens. */
import { ref } from 'vue'

export interface Command {
  readonly id: string
  /** What it does, or the name of what it goes to. */
  readonly title: string
  /** What kind of thing it is: "Layer", "Region". */
  readonly group: string
  /** As written on the key caps: "Ctrl+Z". */
  readonly shortcut?: string
  /** Beside the title: a path, a state. */
  readonly note?: string
  readonly run: () => unknown
}

const open = ref(false)
const sources: (() => readonly Command[])[] = []
/** Ids of what was run last, newest first. */
const recent: string[] = []

/** @returns stops offering them */
function offer(source: () => readonly Command[]): () => void {
  sources.push(source)
  return () => void sources.splice(sources.indexOf(source), 1)
}

/** All there is to do now: what was run last comes first. */
function commands(): readonly Command[] {
  const all = sources.flatMap((source) => source())
  const place = ({ id }: Command) => (recent.includes(id) ? recent.indexOf(id) : recent.length)
  return all.toSorted((a, b) => place(a) - place(b))
}

function ran({ id }: Command) {
  const others = recent.filter((one) => one !== id)
  recent.splice(0, recent.length, id, ...others.slice(0, 7))
}

export const useCommands = () => ({ open, offer, commands, ran })
