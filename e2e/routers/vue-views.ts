import { defineComponent, h, onScopeDispose, shallowRef, type ShallowRef } from 'vue'
import { RouterLink, RouterView, useRoute, type RouteRecordRaw } from 'vue-router'
import type { AuthSnapshot } from 'sotto'
import { auth } from './auth.ts'
import { describe, nameUser, ORDERS, texts } from './page.ts'

function useAuth(): Readonly<ShallowRef<AuthSnapshot>> {
  const session = shallowRef(auth.getSnapshot())
  onScopeDispose(auth.subscribe(() => (session.value = auth.getSnapshot())))
  return session
}

const Home = defineComponent(() => {
  const session = useAuth()
  return () => [
    h('h1', texts.home),
    h('p', nameUser(session.value)),
    h(RouterLink, { to: ORDERS }, () => texts.orders),
    h('button', { onClick: () => auth.logout() }, texts.logOut),
  ]
})

const Orders = defineComponent(() => {
  const session = useAuth()
  const route = useRoute()
  return () => [
    h('h1', texts.orders),
    h('p', nameUser(session.value)),
    h('output', route.fullPath),
    h(RouterLink, { to: '/' }, () => texts.home),
  ]
})

const SigningIn = defineComponent(() => () => h('p', texts.signingIn))

/** Why the route could not be shown. */
export const failure = shallowRef<unknown>()

const Failed = defineComponent(() => () => {
  if (failure.value === undefined) return h('h1', texts.notFound)
  return [
    h('p', { role: 'alert' }, describe(failure.value)),
    h('button', { onClick: () => auth.loginWithRedirect() }, texts.tryAgain),
  ]
})

export const routes: RouteRecordRaw[] = [
  { path: '/', component: Home },
  { path: '/callback', component: SigningIn },
  { path: '/orders', component: Orders, meta: { requiresLogin: true } },
  { path: '/:path(.*)*', name: 'failed', component: Failed },
]

export const App = defineComponent(() => () => h(RouterView))
