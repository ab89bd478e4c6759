import type { MenuItem, Theme } from './port.ts'

export interface MenuActions {
  readonly platform: NodeJS.Platform
  /** Reload and developer tools are shown while developing only. */
  readonly developing: boolean
  readonly theme: Theme
  readonly open: () => void
  readonly newWindow: () => void
  readonly setTheme: (theme: Theme) => void
}

const themes: readonly (readonly [Theme, string])[] = [
  ['system', "System's theme"],
  ['light', 'Light theme'],
  ['dark', 'Dark theme'],
]

/** The application's menu as a template. */
export function menuTemplate({ platform, developing, theme, open, newWindow, setTheme }: MenuActions): MenuItem[] {
  const mac = platform === 'darwin'
  return [
    ...(mac ? [{ role: 'appMenu' } as const] : []),
    {
      label: 'File',
      submenu: [
        { label: 'New window', accelerator: 'CmdOrCtrl+Shift+N', click: newWindow },
        { label: 'Open study…', accelerator: 'CmdOrCtrl+O', click: open },
        { role: 'close' },
        ...(mac ? [] : [{ type: 'separator' } as const, { role: 'quit' } as const]),
      ],
    },
    { role: 'editMenu' },
    {
      label: 'View',
      submenu: [
        ...themes.map(([value, label]): MenuItem => ({
          label,
          type: 'radio',
          checked: value === theme,
          click: () => setTheme(value),
        })),
        { type: 'separator' },
        { role: 'togglefullscreen' },
        ...(developing
          ? [{ type: 'separator' } as const, { role: 'reload' } as const, { role: 'toggleDevTools' } as const]
          : []),
      ],
    },
    ...(mac ? [{ role: 'windowMenu' } as const] : []),
    { label: 'Help', submenu: [{ role: 'about' }] },
  ]
}
