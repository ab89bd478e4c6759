import vue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'

/**
 * Rules that find mistakes in any file; style is prettier's.
 * @type {import('typescript-eslint').ConfigArray[number]['rules']}
 */
const mistakes = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'max-lines': ['error', { max: 500 }],
  'no-async-promise-executor': 'error',
  'no-cond-assign': 'error',
  // Standard output belongs to results; `console.error` is for whoever runs a process.
  'no-console': ['error', { allow: ['error'] }],
  'no-constant-binary-expression': 'error',
  'no-constant-condition': ['error', { checkLoops: 'allExceptWhileTrue' }],
  'no-control-regex': 'error',
  'no-debugger': 'error',
  'no-dupe-else-if': 'error',
  'no-empty': 'error',
  'no-eval': 'error',
  'no-irregular-whitespace': 'error',
  'no-loss-of-precision': 'error',
  'no-misleading-character-class': 'error',
  'no-new-func': 'error',
  'no-self-assign': 'error',
  'no-sparse-arrays': 'error',
  'no-template-curly-in-string': 'error',
  'no-unmodified-loop-condition': 'error',
  'no-unreachable-loop': 'error',
  'no-unsafe-finally': 'error',
  'no-unsafe-optional-chaining': 'error',
  'no-useless-catch': 'error',
  'no-useless-escape': 'error',
  'no-useless-rename': 'error',
  'no-var': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx', 'hack'], location: 'start' }],
  'object-shorthand': 'error',
  'prefer-const': 'error',
  'use-isnan': 'error',
}

/** @type {import('typescript-eslint').ConfigArray[number]['rules']} */
const typed = {
  '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
  '@typescript-eslint/no-import-type-side-effects': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/no-unnecessary-condition': 'off',
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
  '@typescript-eslint/no-confusing-void-expression': 'off',
  // Interfaces of hosts and steps are asynchronous whether or not one implementation waits.
  '@typescript-eslint/require-await': 'off',
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
  '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
}

/**
 * typescript-eslint does not see through .vue files: what comes out of one is `any` to it (vue-tsc checks those).
 * @type {import('typescript-eslint').ConfigArray[number]['rules']}
 */
const unsafeAllowed = Object.fromEntries(
  ['argument', 'assignment', 'call', 'member-access', 'return'].map((kind) => [
    `@typescript-eslint/no-unsafe-${kind}`,
    'off',
  ]),
)

export default tseslint.config(
  { ignores: ['node_modules/', 'out/', 'coverage/', '.cache/', 'demo-study/', 'heschl-demo/', 'test/artifacts/'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' }, rules: mistakes },
  {
    files: ['**/*.ts', '**/*.vue'],
    extends: [...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ['./tsconfig.main.json', './tsconfig.renderer.json', './tsconfig.test.json'],
        tsconfigRootDir: import.meta.dirname,
        extraFileExtensions: ['.vue'],
      },
    },
    rules: typed,
  },
  ...vue.configs['flat/recommended'].map((config) => ({ ...config, files: ['**/*.vue'] })),
  {
    files: ['**/*.vue'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      'vue/block-lang': ['error', { script: { lang: 'ts' } }],
      'vue/component-api-style': ['error', ['script-setup']],
      'vue/no-v-html': 'off', // figures are SVG text of our own making
      'vue/require-default-prop': 'off', // types say what is optional
      // prettier's
      'vue/html-closing-bracket-newline': 'off',
      'vue/html-indent': 'off',
      'vue/html-self-closing': 'off',
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/first-attribute-linebreak': 'off',
    },
  },
  // Tests read reference numbers from JSON, and send what no type allows.
  { files: ['src-renderer/**', 'test/**'], rules: unsafeAllowed },
  {
    // Programs that a person runs in a terminal.
    files: ['tools/**', 'src-main/cli/**', 'test/benchmark/**', 'resources/**', 'test/reference/**'],
    rules: { 'no-console': 'off' },
  },
  // `expect(object.method)` is how a test asks whether it was called.
  { files: ['test/**/*.ts'], rules: { '@typescript-eslint/unbound-method': 'off' } },
  // That a page cannot evaluate code is tested by trying.
  { files: ['test/e2e/**/*.ts'], rules: { 'no-eval': 'off' } },
)
