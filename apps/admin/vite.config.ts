// How the admin UI is built: by route, without network, into the folder that the api serves.
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { themeCss } from './theme-css';

const api = 'http://127.0.0.1:3000';

export default defineConfig({
  root: import.meta.dirname,
  base: '/',
  plugins: [react(), themeCss()],
  // An asset as a data: address would need another source in the content security policy.
  build: { outDir: '../../dist/apps/admin', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, chunkSizeWarningLimit: 700 },
  server: { proxy: { '/v1': api, '/openapi.json': api, '/docs': api } },
});
