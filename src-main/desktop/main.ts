/** Electron's entry point. */
import * as electron from 'electron/main'
import { join } from 'node:path'
import { startEngine } from '../jobs/index.ts'
import { stateDirectory } from '../jobs/host/stateDir.ts'
import { startDesktop } from './app.ts'
import type { ElectronPort } from './port.ts'

// The assignment is the proof that Electron has every call the port declares.
const port: ElectronPort = electron
const { app } = electron
// `electron out/main/index.js STUDY` while developing, `Heschl STUDY` once packaged.
const own = process.defaultApp ? 2 : 1

void startDesktop(port, {
  startEngine,
  here: import.meta.dirname,
  resources: app.isPackaged
    ? join(process.resourcesPath, 'resources')
    : join(import.meta.dirname, '..', '..', 'resources'),
  stateDir: stateDirectory(),
  platform: process.platform,
  args: process.argv.slice(own),
  workingFolder: process.cwd(),
})
