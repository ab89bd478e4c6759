/** What the palette offers of the window as a whole: actions, layers, subjects, regions, studies, layouts. */
import { colormapLabel, colormapNames } from '../colormaps/tables.ts'
import { newWindow } from '../composables/newWindow.ts'
import { useExport, type FigureFormat, type FigureKind } from '../composables/useExport.ts'
import { noOrbit, views } from '../cortex/camera.ts'
import { regionPeaks } from '../cortex/regions.ts'
import { placeText } from '../plots/models.ts'
import type { Command } from '../stores/commands.ts'
import { useJobs } from '../stores/jobs.ts'
import { useLayout } from '../stores/layout.ts'
import { useNewStudy } from '../stores/newStudy.ts'
import { usePins } from '../stores/pins.ts'
import { everybody, useSelection } from '../stores/selection.ts'
import { useSession } from '../stores/session.ts'
import { useStudy } from '../stores/study.ts'
import { useTheme } from '../stores/theme.ts'
import { useViewHistory } from '../stores/viewHistory.ts'
import { useWorkspace } from '../stores/workspace.ts'
import { keyName } from './shortcuts.ts'
import { workspaceTabs } from './workspace.ts'

const action = (id: string, title: string, run: () => unknown, more: Partial<Command> = {}): Command => ({
  ...{ id, title, run, group: 'Action' },
  ...more,
})

/** Called once, in the window's set-up. @returns asks for all there is to do now */
export function useWindowCommands(): () => readonly Command[] {
  const figures = useExport()
  return () => [...actions(), ...exportsOf(figures), ...looks(), ...maps(), ...regions(), ...studies(), ...layouts()]
}

function actions(): readonly Command[] {
  const { study, job, run, close } = useStudy()
  const { active, cancel } = useJobs()
  const { toggleTheme, theme } = useTheme()
  const { layout } = useLayout()
  const { begin } = useNewStudy()
  const { canUndo, canRedo, undo, redo } = useViewHistory()
  const { info, pick, loadRecent } = useSession()
  const { open } = useStudy()
  const all: Command[] = []
  if (canUndo.value) all.push(action('undo', 'Undo', undo, { shortcut: keyName('undo') }))
  if (canRedo.value) all.push(action('redo', 'Redo', redo, { shortcut: keyName('redo') }))
  if (study.value && job.value?.ended !== null) all.push(action('run', 'Run what is missing', run))
  for (const one of active.value)
    all.push(action(`cancel-${one.id}`, `Cancel: ${one.label}`, () => cancel(one.id), { note: one.study }))
  all.push(
    action('new-study', 'New study…', () => begin(), { shortcut: keyName('newStudy') }),
    action('jobs', layout.jobsOpen ? 'Hide the jobs' : 'Show the jobs', () => (layout.jobsOpen = !layout.jobsOpen), {
      shortcut: keyName('jobs'),
    }),
    action('theme', `${theme.value === 'dark' ? 'Light' : 'Dark'} theme`, toggleTheme),
    action('window', 'New window on this study', () => newWindow(study.value?.path ?? null)),
  )
  if (info.value?.canPick)
    all.push(
      action('open', 'Open a study…', async () => {
        const chosen = await pick()
        if (chosen !== null) await open(chosen)
      }),
    )
  if (study.value)
    all.push(
      action('home', 'All studies', async () => {
        close()
        await loadRecent()
      }),
    )
  return all
}

const figureWords: Readonly<Record<FigureKind, string>> = {
  cortex: 'Cortex',
  layers: 'Score by layer',
  training: 'Score along the training',
}

function exportsOf({ can, save }: ReturnType<typeof useExport>): readonly Command[] {
  const kinds = (Object.keys(figureWords) as FigureKind[]).filter(can)
  return kinds.flatMap((kind) =>
    (['svg', 'png'] as FigureFormat[]).map((format) => ({
      ...{ id: `export-${kind}-${format}`, group: 'Export' },
      title: `${figureWords[kind]} as ${format.toUpperCase()}`,
      run: () => save(kind, format),
    })),
  )
}

function looks(): readonly Command[] {
  const { study } = useStudy()
  if (study.value === null) return []
  const { selection, forms, showForm } = useSelection()
  const { pins, clearPins } = usePins()
  const { show } = useWorkspace()
  const look = (id: string, title: string, run: () => unknown, shortcut?: string): Command => ({
    ...{ id, title, run, group: 'View' },
    ...(shortcut !== undefined && { shortcut }),
  })
  return [
    ...workspaceTabs.map(({ id, title }, i) => look(`tab-${id}`, title, () => show(id), `Alt+${i + 1}`)),
    ...views.map((view) => look(`view-${view}`, `From ${view}`, () => (selection.view = view))),
    ...forms.value.map((form) =>
      look(`form-${form}`, `${form[0]?.toUpperCase()}${form.slice(1)} surface`, () => showForm(form)),
    ),
    look('reset-view', 'Reset the camera', () => (selection.orbit = noOrbit)),
    ...colormapNames.map((name) =>
      look(`colours-${name}`, `Colours: ${colormapLabel(name)}`, () => (selection.colormap = name)),
    ),
    look('limits', 'Automatic colour limits', () => (selection.fixedLimits = null)),
    look('threshold', selection.threshold === null ? 'Threshold on' : 'Threshold off', () => {
      selection.threshold = selection.threshold === null ? 'automatic' : null
    }),
    ...(pins.value.length > 0 ? [look('unpin', 'Unpin all', clearPins)] : []),
  ]
}

/** Every map that can be looked at: of models and their members by layer, of subjects. */
function maps(): readonly Command[] {
  const { study } = useStudy()
  const { selection, choose } = useSelection()
  if (study.value === null) return []
  const layers = study.value.models.flatMap(({ id, axis, layers: own, members }) => [
    ...own.map(({ name, state }) => ({ model: id, name, state, of: id })),
    ...members.flatMap((member) =>
      member.layers.map(({ name, state }) => ({
        ...{ model: member.id, name, state },
        of: axis === null ? member.id : `${id}, ${placeText(axis, member.at)}`,
      })),
    ),
  ])
  return [
    ...layers.map(({ model, name, state, of }) => ({
      ...{ id: `layer-${model}-${name}`, title: `${of}, ${name}`, group: 'Layer' },
      ...(state === 'missing' && { note: 'not computed' }),
      run: () => choose(model, name),
    })),
    ...[everybody, ...study.value.subjects.map(({ id }) => id)].map((id) => ({
      ...{ id: `subject-${id}`, title: id === everybody ? 'Mean of subjects' : id, group: 'Subject' },
      run: () => (selection.subject = id),
    })),
  ]
}

/** Regions by hemisphere: the marker goes to their peak. */
function regions(): readonly Command[] {
  const { surface } = useStudy()
  const { selection, map } = useSelection()
  const cortex = surface.value
  if (cortex === null) return []
  return (['left', 'right'] as const).flatMap((hemisphere) => {
    const { labels } = cortex[hemisphere]
    return regionPeaks(labels, map.value?.[hemisphere] ?? null).map((vertex) => ({
      ...{ id: `region-${hemisphere}-${labels[vertex] ?? 0}`, group: 'Region' },
      title: `${cortex.regions[labels[vertex] ?? 0]?.name ?? 'region'}, ${hemisphere}`,
      run: () => (selection.place = { hemisphere, vertex }),
    }))
  })
}

function studies(): readonly Command[] {
  const { recent } = useSession()
  const { open } = useStudy()
  return (recent.value ?? []).flatMap(({ path, name, exists }) => {
    if (!exists) return []
    const here = { id: `study-${path}`, title: name, note: path, group: 'Study', run: () => open(path) }
    const there = { ...here, id: `window-${path}`, title: `${name}, in a new window`, run: () => newWindow(path) }
    return [here, there]
  })
}

function layouts(): readonly Command[] {
  const { names, use, reset } = useLayout()
  return [
    ...names.value.map((name) => ({
      ...{ id: `layout-${name}`, title: `Layout: ${name}`, group: 'Layout' },
      run: () => use(name),
    })),
    { id: 'layout-reset', title: 'Reset the layout', group: 'Layout', run: reset },
  ]
}
