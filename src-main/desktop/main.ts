/** Electron's entry point. */
import '../nativeEnvironment.ts'
import * as electron from 'electron/main'
import { startEngine } from '../jobs/index.ts'
import { stateDirectory } from '../jobs/host/stateDir.ts'
import { startDesktop } from './app.ts'
import type { ElectronPort } from './port.ts'

// The assignment is the proof that Electron has every call the port declares.
const port: ElectronPort = electron
// `electron FOLDER STUDY` while developing, `Heschl STUDY` once packaged; Chromium's own options may stand before either.
const words = process.argv.slice(1).filter((argument) => !argument.startsWith('-'))

void startDesktop(port, {
  startEngine,
  here: import.meta.dirname,
  stateDir: stateDirectory(),
  platform: process.platform,
  args: process.defaultApp ? words.slice(1) : words,
  workingFolder: process.cwd(),
})
