// Templates are compiled in the browser: no build of Angular's own is needed here.
import '@angular/compiler'
import { inject, provideAppInitializer } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import {
  provideRouter,
  RedirectCommand,
  Router,
  withNavigationErrorHandler,
  type CanActivateFn,
} from '@angular/router'
import { finalize, from } from 'rxjs'
import { requireLogin } from 'sotto'
import { App, Failed, Home, NotFound, Orders, SigningIn } from './angular-views.ts'
import { auth } from './auth.ts'

const requiresLogin: CanActivateFn = (_route, { url }) => {
  const left = new AbortController()
  const entered = requireLogin(auth, { returnTo: url, signal: left.signal }).then(() => true)
  // A navigation that another one takes over must not leave to log in.
  return from(entered).pipe(finalize(() => left.abort()))
}

await bootstrapApplication(App, {
  providers: [
    provideRouter(
      [
        { path: '', component: Home },
        { path: 'callback', component: SigningIn },
        { path: 'orders', component: Orders, canActivate: [requiresLogin] },
        { path: 'failed', component: Failed },
        { path: '**', component: NotFound },
      ],
      // Shows what went wrong, at the address of the route that was asked for.
      withNavigationErrorHandler(({ error, url }) => {
        const failed = inject(Router).parseUrl('/failed')
        return new RedirectCommand(failed, { browserUrl: url, info: error })
      }),
    ),
    provideAppInitializer(() => {
      const router = inject(Router)
      void auth.start({
        onCallback: ({ path }) => router.navigateByUrl(path, { replaceUrl: true }),
      })
    }),
  ],
})
