/**
 * An engine handle with fixed answers: what the hosts are tested against where the engine itself is not the subject.
 * The end-to-end tests run the same hosts over the real engine.
 */
import type { Events } from '../../../src-main/contract/procedures.ts'
import type { SurfaceData } from '../../../src-main/contract/study.ts'
import { HeschlError } from '../../../src-main/errors.ts'
import type { EngineHandle } from '../../../src-main/jobs/engineHandle.ts'

export interface ScriptedEngine extends EngineHandle {
  readonly calls: { name: string; argument: unknown }[]
  readonly surface: SurfaceData
  emit<Event extends keyof Events>(event: Event, payload: Parameters<Events[Event]>[0]): void
  /** How many listeners there are over all events. */
  listeners(): number
}

export function scriptedEngine(): ScriptedEngine {
  const calls: { name: string; argument: unknown }[] = []
  const listeners = new Set<{ event: string; listener: (payload: never) => void }>()
  const hemisphere = {
    folded: new Float32Array([0.1, -1e30, Number.NaN, 3, Infinity, -0]),
    inflated: new Float32Array(6).fill(1 / 3),
    triangles: new Uint32Array([0, 1, 0xffffffff]),
    sulc: new Float32Array([0.5, -0.5]),
    labels: new Uint16Array([0, 65535]),
  }
  const surface: SurfaceData = {
    name: 'tiny',
    schematic: true,
    left: hemisphere,
    right: hemisphere,
    regions: [{ name: 'none', colour: [1, 2, 3] }],
  }
  return {
    calls,
    surface,
    async call(name, argument) {
      calls.push({ name, argument })
      if (name === 'surface') return surface as never
      if (name === 'openStudy') return { path: (argument as { path: string }).path, name: 'A study' } as never
      throw new HeschlError('FILE_MISSING', 'A file is missing', {
        where: { file: (argument as { study: string }).study },
        remedy: 'Check the path',
      })
    },
    start: () => undefined,
    on(event, listener) {
      const entry = { event, listener: listener as (payload: never) => void }
      listeners.add(entry)
      return () => listeners.delete(entry)
    },
    ceilings: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    electrodeMaps: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    power: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    simulate: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    exportPreference: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    exportFit: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    arrays: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    finding: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    findingFigure: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    arrayReports: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    useProvider: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    facts: () => Promise.reject(new HeschlError('INTERNAL', 'no host asks for this')),
    pid: undefined,
    async close() {},
    emit(event, payload) {
      for (const entry of listeners) if (entry.event === event) entry.listener(payload as never)
    },
    listeners: () => listeners.size,
  }
}
