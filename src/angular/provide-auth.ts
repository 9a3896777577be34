import { Location } from '@angular/common'
import {
  DestroyRef,
  inject,
  InjectionToken,
  makeEnvironmentProviders,
  provideAppInitializer,
  signal,
  type EnvironmentProviders,
  type Signal,
} from '@angular/core'
import { Router } from '@angular/router'
import type { AuthClient, AuthSnapshot, User } from 'sotto'

/**
 * Where an app says once what its client is, so that its claims have their types everywhere: a
 * `declare module 'sotto/angular'` adds `auth: typeof auth`.
 */
export interface Register {}

/** The user of the client in {@link Register}. */
export type RegisteredUser = Register extends { readonly auth: AuthClient<infer U> } ? U : User

/** The client of the app. */
export const AUTH: InjectionToken<AuthClient<RegisteredUser>> = /* @__PURE__ */ new InjectionToken(
  'sotto',
)

/** What `injectAuth` gives. */
export interface InjectedAuth {
  readonly client: AuthClient<RegisteredUser>
  /** The session. Changes exactly when it does; `loading` on a server. */
  readonly session: Signal<AuthSnapshot<RegisteredUser>>
}

/**
 * Provides a client, calls its `start` and leads the router to where a login was begun. The app is
 * shown meanwhile.
 *
 * @example
 * ```ts
 * import { provideAuth } from 'sotto/angular'
 *
 * const providers = [provideAuth(auth)]
 * ```
 */
export function provideAuth<U extends object>(auth: AuthClient<U>): EnvironmentProviders {
  return makeEnvironmentProviders([
    { provide: AUTH, useValue: auth },
    provideAppInitializer(() => {
      const router = inject(Router)
      const location = inject(Location)
      const onCallback = ({ path }: { readonly path: string }): unknown =>
        // The router's own paths begin after the base of the app.
        router.navigateByUrl(location.normalize(path), { replaceUrl: true })
      // What went wrong is in the snapshot; it rejects on a server, and after a dispose.
      auth.start({ onCallback }).catch(() => {})
    }),
  ])
}

/** Gives the client and its session, in an injection context such as a component's fields. */
export function injectAuth(): InjectedAuth {
  const client = inject(AUTH)
  const session = signal(client.getSnapshot())
  inject(DestroyRef).onDestroy(client.subscribe(() => session.set(client.getSnapshot())))
  return { client, session: session.asReadonly() }
}
