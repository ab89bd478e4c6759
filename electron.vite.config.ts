import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'electron-vite'

// Native modules must load from their own folders, and fonts are found through their package: dependencies are not bundled
// into the main process, but for those of many small modules, which take longer to find than to run.
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      externalizeDeps: { exclude: ['zod', 'yaml', 'commander', 'birpc', 'saxes'] },
      rollupOptions: {
        input: {
          index: 'src-main/desktop/main.ts',
          cli: 'src-main/cli/main.ts',
          engine: 'src-main/jobs/engine.ts',
          worker: 'src-main/jobs/worker.ts',
          providerCheck: 'src-main/jobs/providerCheck.ts',
          drawPage: 'src-main/jobs/drawPage.ts',
          scoreWorker: 'src-main/encoding/scoreWorker.ts',
          pairWorker: 'src-main/behaviour/pairWorker.ts',
        },
        output: {
          format: 'es',
          entryFileNames: '[name].js',
          // Beside the entries, because a module finds the engine's entry next to itself.
          chunkFileNames: '[name]-[hash].js',
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      rollupOptions: {
        input: { preload: 'src-main/desktop/preload.ts' },
        // A sandboxed preload is CommonJS, in one file.
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: 'src-renderer',
    plugins: [vue()],
    build: {
      outDir: 'out/renderer',
      minify: true,
      // Files, never data: addresses, so that the content security policy can stay closed for scripts and fonts.
      assetsInlineLimit: 0,
      rollupOptions: { input: 'src-renderer/index.html' },
    },
  },
})
