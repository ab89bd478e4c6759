/** What pages may never do, whatever they hold: leave, open windows, ask for devices, reach a network. */
import { isOurs } from './protocol.ts'
import type { ContentsPort, SessionPort } from './port.ts'

export function restrictSession(session: SessionPort): void {
  session.setPermissionRequestHandler((_contents, _permission, answer) => answer(false))
  session.setPermissionCheckHandler(() => false)
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', (event) => event.preventDefault())
  // Heschl works offline: a page that asks for anything but its own files asks in error.
  session.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !isOurs(url) && !/^(blob|data|devtools):/.test(url) }),
  )
}

export function restrictContents(contents: ContentsPort): void {
  for (const event of ['will-navigate', 'will-redirect', 'will-frame-navigate'] as const) {
    contents.on(event, (navigation) => {
      if (!isOurs(navigation.url)) navigation.preventDefault()
    })
  }
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(() => ({ action: 'deny' }))
}
