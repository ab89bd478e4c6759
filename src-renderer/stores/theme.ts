import { computed, ref, watchEffect } from 'vue'
import type { ThemeName } from '../plots/theme.ts'

const key = 'heschl-theme'
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
}

/** Dark or light: the system's, until the user chooses. */
export const useTheme = () => ({ theme, toggleTheme })
