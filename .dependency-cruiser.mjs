/** Import direction: the table of docs/architecture.md, as rules. What is not allowed here is an error. */

/** Folder of src-main -> the folders it may use. `types:` folders give types alone. */
const main = {
  desktop: ['jobs', 'contract', 'study'],
  server: ['jobs', 'contract', 'study'],
  cli: ['jobs', 'contract', 'study', 'server', 'surfaces', 'formats'],
  jobs: ['pipeline', 'store', 'study', 'contract', 'formats'],
  pipeline: [
    ...[
      'stimuli',
      'activations',
      'features',
      'cleaning',
      'encoding',
      'scoring',
      'statistics',
      'behaviour',
      'surfaces',
      'formats',
      'linalg',
    ],
    ...['study', 'types:contract'],
  ],
  study: ['types:contract'],
  store: ['formats', 'linalg'],
  stimuli: ['formats', 'linalg'],
  activations: ['formats', 'linalg'],
  features: ['formats', 'linalg'],
  cleaning: ['formats', 'linalg'],
  encoding: ['formats', 'linalg'],
  scoring: ['formats', 'linalg'],
  statistics: ['formats', 'linalg'],
  behaviour: ['formats', 'linalg'],
  surfaces: ['formats', 'linalg', 'types:contract'],
  linalg: ['formats'],
  formats: ['linalg'],
  contract: [],
}

/** Folder of src-renderer -> the folders it may use. */
const renderer = {
  views: ['components', 'composables', 'stores', 'composer', 'figures', 'cortex', 'plots', 'colormaps'],
  components: ['composables', 'cortex', 'plots', 'colormaps'],
  composables: ['bridge', 'stores', 'cortex', 'plots', 'figures', 'colormaps'],
  stores: ['bridge', 'composer', 'cortex', 'plots', 'figures', 'colormaps'],
  composer: [],
  bridge: [],
  figures: ['cortex', 'plots', 'colormaps'],
  cortex: ['colormaps'],
  plots: ['colormaps'],
  colormaps: [],
}

const edges = (base, table) =>
  Object.entries(table).flatMap(([folder, uses]) =>
    [folder, ...uses].map((used) => {
      const [, types, name] = /^(types:)?(.*)$/.exec(used)
      return {
        from: { path: `^${base}/${folder}/` },
        to: { path: `^${base}/${name}/`, ...(types ? { dependencyTypes: ['type-only'] } : {}) },
      }
    }),
  )

const only = (name, comment, folders, module) => ({
  name,
  comment,
  severity: 'error',
  from: { path: '^src-(main|renderer)/', pathNot: folders.map((folder) => `^src-main/${folder}/`) },
  to: { path: `^(node_modules/)?${module}(/|$)` },
})

export default {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphans',
      comment: 'A module that nothing uses and that uses nothing.',
      severity: 'error',
      from: { orphan: true, path: '^src-', pathNot: ['\\.d\\.ts$'] },
      to: {},
    },
    // Electron's own modules exist inside Electron alone.
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true, pathNot: '^electron(/|$)' } },
    only('electron', 'Everything but desktop/ runs without Electron.', ['desktop'], 'electron'),
    only('better-sqlite3', 'One folder knows SQL.', ['store'], 'better-sqlite3'),
    only('onnxruntime', 'Two folders know ONNX Runtime.', ['linalg', 'activations'], 'onnxruntime-node'),
    {
      name: 'no-vue-in-pure-parts',
      comment: 'cortex, plots, colormaps and figures are pure functions or three.js: no Vue.',
      severity: 'error',
      from: { path: '^src-renderer/(cortex|plots|colormaps|figures|composer)/' },
      to: { path: '^node_modules/(@vue|vue|reka-ui)/' },
    },
    {
      name: 'figures-run-in-node',
      comment: 'Figures are drawn in the window and by the command line: the pure part of cortex/, and no three.js.',
      severity: 'error',
      from: { path: '^src-renderer/figures/' },
      to: { path: '^node_modules/three', reachable: true },
    },
    {
      name: 'no-node-in-the-window',
      comment: 'The window is sandboxed.',
      severity: 'error',
      from: { path: '^src-renderer/' },
      to: { dependencyTypes: ['core'] },
    },
  ],
  allowed: [
    ...edges('src-main', main),
    ...edges('src-renderer', renderer),
    { from: { path: '^src-main/(cli|jobs)/' }, to: { path: '^src-renderer/figures/' } },
    { from: { path: '^src-main/' }, to: { path: '^src-main/(arrayPlace|errors|nativeEnvironment|units)\\.ts$' } },
    { from: { path: '^src-renderer/' }, to: { path: '^src-main/contract/', dependencyTypes: ['type-only'] } },
    { from: { path: '^src-renderer/' }, to: { path: '^src-main/errors\\.ts$', dependencyTypes: ['type-only'] } },
    // The root component and the entry point, beside the folders.
    { from: { path: '^src-renderer/[^/]+$' }, to: { path: '^src-renderer/' } },
    { from: {}, to: { pathNot: '^(src-main|src-renderer|test|tools)/' } },
  ],
  allowedSeverity: 'error',
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    doNotFollow: { path: ['node_modules'] },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
    exoticRequireStrings: [],
  },
}
