/** The command line's own engine process. */
import type { EngineHandle } from '../jobs/engineHandle.ts'

/** Starts an engine, uses it, and ends it whatever happens. */
export async function withEngine<T>(use: (engine: EngineHandle) => Promise<T>): Promise<T> {
  const { startEngine } = await import('../jobs/index.ts')
  const engine = await startEngine({ spawn: 'child_process' })
  try {
    return await use(engine)
  } finally {
    await engine.close()
  }
}
