/** Plays a stimulus from its parts, one after the other without a gap, and knows where it is. */
import { onScopeDispose, ref, shallowRef, watch, type Ref } from 'vue'
import type { SerializedError } from '../../src-main/errors.ts'
import { describeFailure, useHost } from '../bridge/index.ts'

/** Seconds before the end of a part at which the next is asked for. */
const ahead = 8
/** Samples a second of the parts: what models hear. */
const rate = 16_000

interface Part {
  readonly buffer: AudioBuffer
  readonly start: number
  readonly parts: number
}

export function usePlayback(study: Readonly<Ref<string | undefined>>, stimulus: Readonly<Ref<string | undefined>>) {
  const host = useHost()
  const playing = ref(false)
  /** Seconds of the audio. */
  const time = ref(0)
  const failure = shallowRef<SerializedError | null>(null)
  /** Made with the first sound: a browser lets nothing be heard before the user asks for it. */
  let context: AudioContext | undefined
  const parts = new Map<number, Promise<Part>>()
  const sources = new Set<AudioBufferSourceNode>()
  let turn = 0
  let frame = 0

  function part(index: number): Promise<Part> {
    const known = parts.get(index)
    if (known) return known
    const asked = (async () => {
      const {
        wav,
        start,
        parts: count,
      } = await host.call('stimulusAudio', {
        study: study.value!,
        stimulus: stimulus.value!,
        part: index,
      })
      // Decoding takes the bytes away from whoever holds them.
      const buffer = await context!.decodeAudioData(Uint8Array.from(wav).buffer)
      return { buffer, start, parts: count }
    })()
    parts.set(index, asked)
    asked.catch(() => parts.delete(index))
    if (parts.size > 4) parts.delete(parts.keys().next().value!)
    return asked
  }

  /**
   * @param from seconds
   * @param until seconds; to the end where it is left out
   */
  async function play(from: number, until = Infinity) {
    halt()
    if (study.value === undefined || stimulus.value === undefined) return
    const own = ++turn
    context ??= new AudioContext({ sampleRate: rate })
    time.value = Math.max(0, from)
    playing.value = true
    try {
      await context.resume()
      // Which part holds a time is known from the length of the first one.
      const first = await part(0)
      const length = first.buffer.duration
      let index = Math.min(first.parts - 1, Math.floor(time.value / length))
      const begun = await part(index)
      if (own !== turn) return
      const offset = context.currentTime + 0.02 - time.value
      let last = schedule(begun, offset, time.value)
      const tick = async () => {
        if (own !== turn || !context) return
        time.value = context.currentTime - offset
        const end = last.start + last.buffer.duration
        if (time.value >= Math.min(until, end) && (time.value >= until || index === last.parts - 1)) return pause()
        if (end - time.value < ahead && index < last.parts - 1) {
          index++
          const next = await part(index)
          if (own !== turn) return
          last = schedule(next, offset, next.start)
        }
        frame = requestAnimationFrame(() => void tick().catch(fail))
      }
      await tick()
    } catch (thrown) {
      if (own === turn) fail(thrown)
    }
  }

  function schedule(own: Part, offset: number, from: number): Part {
    const source = context!.createBufferSource()
    source.buffer = own.buffer
    source.connect(context!.destination)
    source.start(Math.max(context!.currentTime, offset + from), Math.max(0, from - own.start))
    source.addEventListener('ended', () => sources.delete(source))
    sources.add(source)
    return own
  }

  function halt() {
    turn++
    cancelAnimationFrame(frame)
    for (const source of sources) source.stop()
    sources.clear()
  }

  function pause() {
    halt()
    playing.value = false
  }

  function fail(thrown: unknown) {
    pause()
    failure.value = describeFailure(thrown)
  }

  const toggle = () => (playing.value ? pause() : void play(time.value))
  const seek = (seconds: number) => {
    if (playing.value) void play(seconds)
    else time.value = Math.max(0, seconds)
  }

  watch([study, stimulus], () => {
    pause()
    parts.clear()
    time.value = 0
  })
  onScopeDispose(() => {
    pause()
    void context?.close()
  })
  return { playing, time, failure, play, pause, toggle, seek }
}
