// One set-up for the apps of all frameworks. `vite examples/vue --config examples/vite.config.ts`
import { svelte } from '@sveltejs/vite-plugin-svelte'
import vue from '@vitejs/plugin-vue'
import { defineConfig, type Plugin } from 'vite'
import { answerOrders } from './shared/orders-api.ts'

/** The API of the apps, beside them. */
const ordersApi: Plugin = {
  name: 'orders-api',
  configureServer: ({ middlewares }) =>
    void middlewares.use('/api/orders', (request, response) => {
      const issuer = process.env['VITE_ISSUER'] ?? 'http://localhost:4000'
      void answerOrders(issuer, request.headers.authorization).then(({ status, body }) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(body),
      )
    }),
}

export default defineConfig({
  plugins: [vue(), svelte(), ordersApi],
  // Angular compiles its templates in the browser here; an app of its own has `ng build`.
  oxc: { decorator: { legacy: true } },
  server: { fs: { allow: ['../..'] } },
})
