export { loadSurface, surfaceFiles } from './load.ts'
export type { CorticalSurface } from './types.ts'
