import type { StudySession } from './session.ts'
export async function simulateStudy(_s: StudySession, _seed: number, _w: unknown): Promise<void> {
  throw new Error('x')
}
