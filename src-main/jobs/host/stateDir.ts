import { homedir } from 'node:os'
import { join } from 'node:path'

/**
 * The user's own folder for what is not a study's: recent studies, logs. The same for every host, so that a study
 * opened from the shell is listed in the window. `HESCHL_STATE_DIR` overrides it.
 */
export function stateDirectory(
  platform: NodeJS.Platform = process.platform,
  env: Readonly<Record<string, string | undefined>> = process.env,
  home: string = homedir(),
): string {
  if (env.HESCHL_STATE_DIR) return env.HESCHL_STATE_DIR
  if (platform === 'win32') return join(env.LOCALAPPDATA || join(home, 'AppData', 'Local'), 'Heschl')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Heschl')
  return join(env.XDG_STATE_HOME || join(home, '.local', 'state'), 'heschl')
}
