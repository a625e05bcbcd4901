// How the page is built: hashed files under assets/, nothing inlined (the service's content security
// policy allows neither inline scripts nor data: URLs).
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [svelte()],
  build: {
    target: 'es2021',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
  },
  // `npx vite` beside a running service: the page reloads as it is edited.
  server: { proxy: { '/api': 'http://127.0.0.1:7860', '/outputs': 'http://127.0.0.1:7860' } },
});
