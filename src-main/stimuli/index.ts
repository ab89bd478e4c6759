export { audioInfo, decodeAudio, loadSpeech } from './audio.ts'
export type { Audio, AudioInfo } from './audio.ts'
export { resample } from './resample.ts'
