import { requireLogin, settled } from 'sotto'
import { createApp } from 'vue'
import { createRouter, createWebHistory } from 'vue-router'
import { auth } from './auth.ts'
import { App, failure, routes } from './vue-views.ts'

void auth.start({ onCallback: ({ path }) => router.replace(path) })
const router = createRouter({ history: createWebHistory(), routes })
// Every route waits until it is known who is signed in.
router.beforeEach(() => settled(auth).then(() => true))
let last = new AbortController()
router.beforeEach(async (to) => {
  // A navigation that another one takes over must not leave to log in.
  last.abort()
  const { signal } = (last = new AbortController())
  if (!to.meta['requiresLogin']) return
  await requireLogin(auth, { returnTo: router.resolve(to).href, signal }).catch((error) => {
    if (!signal.aborted) throw error
  })
})
// Shows what went wrong, at the address of the route that was asked for.
router.onError((error, { path, query, hash }) => {
  failure.value = error
  void router.replace({ name: 'failed', params: { path: path.slice(1).split('/') }, query, hash })
})
createApp(App).use(router).mount('#app')
