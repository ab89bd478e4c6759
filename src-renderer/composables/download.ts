const types = { svg: 'image/svg+xml', pdf: 'application/pdf', png: 'image/png' } as const

/** Hands a file that the host made to the browser. */
export function downloadFile(bytes: Uint8Array, name: string, format: keyof typeof types): void {
  const url = URL.createObjectURL(new Blob([bytes.slice()], { type: types[format] }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  URL.revokeObjectURL(url)
}
