import { defineConfig } from 'vite';

export default defineConfig({
  // Below whatever path a proxy puts it.
  base: './',
  resolve: { dedupe: ['graphql', 'react', 'react-dom', 'monaco-editor'] },
  worker: { format: 'es' },
  build: {
    target: 'es2022',
    outDir: 'dist',
    emptyOutDir: true,
    // Fonts and pictures stay files: the server's Content-Security-Policy then needs no `data:` for them.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    chunkSizeWarningLimit: 4096,
    rolldownOptions: {
      // The explorer, and what pages do with a script: each by itself.
      input: { index: 'index.html', pages: 'src/pages.ts' },
      // "use client" and the like mean nothing in a bundle.
      onLog(level, log, next) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') next(level, log);
      },
    },
  },
});
