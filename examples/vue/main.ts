import { createAuthGuard } from 'sotto/vue'
import { createApp, h, shallowRef } from 'vue'
import { createRouter, createWebHistory, RouterView } from 'vue-router'
import { auth } from './auth'
import Failed from './Failed.vue'
import Home from './Home.vue'
import Orders from './Orders.vue'
import Pending from './Pending.vue'

const failure = shallowRef<unknown>()
// Before the router: it takes the response of a login out of the address bar.
const guard = createAuthGuard(auth)
const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', component: Home },
    { path: '/callback', component: Pending },
    { path: '/orders', component: Orders, meta: { requiresAuth: true } },
    {
      path: '/:path(.*)*',
      name: 'failed',
      component: Failed,
      props: () => ({ error: failure.value }),
    },
  ],
})
router.beforeEach(guard)
// Shows what went wrong, at the address of the route that was asked for.
router.onError((error, { path, query, hash }) => {
  failure.value = error
  void router.replace({ name: 'failed', params: { path: path.slice(1).split('/') }, query, hash })
})
createApp(() => h(RouterView))
  .use(router)
  .mount('#app')
