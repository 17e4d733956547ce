import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export default defineConfig({
  root: here('.'),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: here('../dist/web'),
    emptyOutDir: true,
    target: 'es2022',
    // The polyfill would be the only inline script of the page.
    modulePreload: { polyfill: false },
    // Inlined assets become data: addresses, which the page's content security policy forbids.
    assetsInlineLimit: 0,
  },
  server: { proxy: { '/v1': 'http://localhost:8080' } },
});
