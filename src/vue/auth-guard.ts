import {
  useRouter,
  type NavigationGuardWithThis,
  type RouteLocationNormalized,
  type Router,
} from 'vue-router'
import { requireLogin, type AuthClient, type User } from 'sotto'

/** Options of `createAuthGuard`. */
export interface AuthGuardOptions<U extends object = User> {
  /**
   * Whether this user may see a route with `meta.requiresAuth`; the navigation fails with
   * `not_allowed` if not. Default: every user.
   */
  readonly allow?: ((user: U, to: RouteLocationNormalized) => boolean) | undefined
}

/**
 * Makes the guard of a router for `router.beforeEach`, and calls `auth.start()`. Make it before the
 * router, which would write the response of a login back into the address bar; the router must be
 * installed (`app.use(router)`).
 *
 * A route with `meta.requiresAuth` waits until it is known who is signed in, and sends who is
 * anonymous to log in and back to exactly there. Other routes wait for nothing. After a login, well
 * or not, the guard leads the router to where the login was begun. On a server it lets every route
 * through: nobody is signed in there.
 *
 * The navigation fails with what `requireLogin` throws; `router.onError` is told, and may show it.
 *
 * @example
 * ```ts
 * import { createAuthGuard } from 'sotto/vue'
 * import { createRouter, createWebHistory } from 'vue-router'
 *
 * const guard = createAuthGuard(auth)
 * const router = createRouter({ history: createWebHistory(), routes: [] })
 * router.beforeEach(guard)
 * ```
 */
export function createAuthGuard<U extends object>(
  auth: AuthClient<U>,
  { allow }: AuthGuardOptions<U> = {},
): NavigationGuardWithThis<undefined> {
  if (typeof document === 'undefined') return () => true
  let meet: (router: Router) => void
  const met = new Promise<Router>((resolve) => (meet = resolve))

  async function lead(path: string): Promise<void> {
    const router = await met
    const { base } = router.options.history
    const route = withoutBase(path, base)
    // It is of another app on this origin. A hash history has a part of the address only.
    if (route === undefined && !base.includes('#')) return location.replace(path)
    // What goes wrong is told to `router.onError`.
    await router.replace(route ?? path).catch(() => {})
  }
  // What went wrong is in the snapshot; it rejects where the client was disposed of.
  auth.start({ onCallback: ({ path }) => lead(path) }).catch(() => {})

  let last = new AbortController()
  return async (to) => {
    // A navigation that another one takes over must not leave to log in.
    last.abort()
    const { signal } = (last = new AbortController())
    const router = useRouter()
    meet(router)
    if (!to.meta['requiresAuth']) return true
    const returnTo = router.resolve(to).href
    const mayEnter = allow && { allow: (user: U) => allow(user, to) }
    try {
      await requireLogin(auth, { returnTo, signal, ...mayEnter })
    } catch (error) {
      if (signal.aborted) return false
      throw error
    }
    return true
  }
}

/** A router's own paths begin after its base; `/apple` is none of those under `/app`. */
function withoutBase(path: string, base: string): string | undefined {
  const rest = path.slice(base.length)
  if (!path.startsWith(base) || !/^[/?#]|^$/.test(rest)) return undefined
  return rest.startsWith('/') ? rest : `/${rest}`
}
