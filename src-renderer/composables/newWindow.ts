import { useHost, windowAddress } from '../bridge/index.ts'
import { useSession } from '../stores/session.ts'

/** Another window on the same engine: the desktop's own, or another tab of the browser. */
export async function newWindow(study: string | null): Promise<void> {
  if (useSession().info.value?.host === 'electron') await useHost().call('newWindow', { study })
  else window.open(windowAddress(study), '_blank', 'noopener')
}
