import { extname } from 'node:path'
import type { ElectronPort } from './port.ts'

type Dialog = ElectronPort['dialog']

/** @returns the chosen study file, null when cancelled */
export async function pickStudy(dialog: Dialog): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title: 'Open study',
    filters: [
      { name: 'Heschl study', extensions: ['yaml', 'yml'] },
      { name: 'All files', extensions: ['*'] },
    ],
    properties: ['openFile'],
  })
  return canceled ? null : (filePaths[0] ?? null)
}

/** @returns the chosen folder, null when cancelled */
export async function pickFolder(dialog: Dialog): Promise<string | null> {
  const { canceled, filePaths } = await dialog.showOpenDialog({
    title: 'Choose a folder',
    properties: ['openDirectory', 'createDirectory'],
  })
  return canceled ? null : (filePaths[0] ?? null)
}

/**
 * @param name with its extension, offered as it is
 * @returns where to save it, null when cancelled
 */
export async function choosePlace(dialog: Dialog, name: string): Promise<string | null> {
  const extension = extname(name).slice(1)
  const { canceled, filePath } = await dialog.showSaveDialog({
    title: 'Save figure',
    defaultPath: name,
    filters: [{ name: extension.toUpperCase(), extensions: [extension] }],
  })
  return canceled || filePath === '' ? null : filePath
}
