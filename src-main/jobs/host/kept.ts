import type { EngineHandle } from '../engineHandle.ts'
import type { Kept } from './host.ts'
import { openJobHistory } from './jobHistory.ts'
import { openLayouts } from './layouts.ts'
import { openRecentStudies } from './recent.ts'
import { openRemembered } from './remembered.ts'

/** What every host keeps in the user's state folder, opened. */
export function openKept(stateDir: string, engine: Pick<EngineHandle, 'on'>): Kept {
  return {
    recent: openRecentStudies(stateDir),
    history: openJobHistory(stateDir, engine),
    layouts: openLayouts(stateDir),
    views: openRemembered(stateDir),
  }
}
