import { droppedPath } from '../bridge/index.ts'

/** @returns the first of what was dropped; its path is empty where a browser does not tell it. null for no file */
export function pathOfDrop(data: DataTransfer): { readonly path: string; readonly name: string } | null {
  const [file] = data.files
  if (!file) return null
  const [address = ''] = data.getData('text/uri-list').split(/\r?\n/)
  const path = droppedPath(file) || (address.startsWith('file://') ? decodeURIComponent(new URL(address).pathname) : '')
  return { path, name: file.name }
}
