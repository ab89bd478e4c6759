import { computed, ref, watchEffect } from 'vue'
import type { ThemeName } from '../plots/theme.ts'
import { recall, remember, remembered } from './remembered.ts'

const key = 'heschl-theme'
const everyStudy = ''
const system = window.matchMedia('(prefers-color-scheme: dark)')
const systemTheme = ref<ThemeName>(system.matches ? 'dark' : 'light')
system.addEventListener('change', ({ matches }) => (systemTheme.value = matches ? 'dark' : 'light'))

/** null follows the system. */
const chosen = ref<ThemeName | null>(stored())
const theme = computed<ThemeName>(() => chosen.value ?? systemTheme.value)
watchEffect(() => (document.documentElement.dataset['theme'] = theme.value))

function stored(): ThemeName | null {
  const value = window.localStorage.getItem(key)
  return value === 'dark' || value === 'light' ? value : null
}

function toggleTheme() {
  chosen.value = theme.value === 'dark' ? 'light' : 'dark'
  window.localStorage.setItem(key, chosen.value)
  remember('theme', everyStudy, chosen.value)
}

/** The one chosen last, where the browser does not know it: it forgets when Heschl is served at another port. */
async function restoreTheme() {
  await recall(everyStudy)
  const kept = remembered('theme', everyStudy)
  if (chosen.value === null && (kept === 'dark' || kept === 'light')) chosen.value = kept
}

/** Dark or light: the system's, until the user chooses. */
export const useTheme = () => ({ theme, toggleTheme, restoreTheme })
