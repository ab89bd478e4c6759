export { audioInfo, decodeAudio, loadHeard, loadSpeech } from './audio.ts'
export type { AudioInfo } from './audio.ts'
export { readTokens, readWords } from './transcript.ts'
export type { TimedToken } from './transcript.ts'
