/** Colours of figures; every ink has at least 4.5:1 on its paper, every series 3:1. */

export interface PlotTheme {
  readonly paper: string
  readonly ink: string
  readonly quiet: string
  readonly grid: string
  readonly notice: string
  readonly noticePaper: string
  /** The cortex where nothing is coloured, as the colour bar shows it. */
  readonly uncoloured: string
  readonly series: readonly string[]
}

export type ThemeName = 'light' | 'dark'

export const plotThemes: Readonly<Record<ThemeName, PlotTheme>> = {
  light: {
    paper: '#ffffff',
    ink: '#1b1f24',
    quiet: '#57606a',
    grid: '#d8dde3',
    notice: '#6b3f00',
    noticePaper: '#fff3d6',
    uncoloured: '#9a9a9a',
    series: ['#0b65a8', '#c2500a', '#0a7d5a', '#a03b86', '#6a55b5', '#7a6200', '#3d4650'],
  },
  dark: {
    paper: '#14171b',
    ink: '#e8ebee',
    quiet: '#a3adb8',
    grid: '#343b43',
    notice: '#ffd591',
    noticePaper: '#3a2a0c',
    uncoloured: '#9a9a9a',
    series: ['#5db4f0', '#f0954d', '#3fcf9f', '#e58cc8', '#b3a1ff', '#e0cc4a', '#c3ccd6'],
  },
}
