/** Which view of the open study is shown; a study is opened where it was left. */
import { ref, watch } from 'vue'
import { remember, remembered } from './remembered.ts'
import { useStudy } from './study.ts'

const { study } = useStudy()
/** Empty: the first. A view that this version does not have is the first as well. */
const tab = ref('')

watch(
  () => study.value?.path,
  (path) => {
    const kept = path === undefined ? '' : remembered('tab', path)
    tab.value = typeof kept === 'string' ? kept : ''
  },
  { immediate: true, flush: 'sync' },
)

function show(id: string) {
  tab.value = id
  if (study.value) remember('tab', study.value.path, id)
}

export const useWorkspace = () => ({ tab, show })
