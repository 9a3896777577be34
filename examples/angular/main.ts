import '@angular/compiler'
import { provideHttpClient, withFetch, withInterceptors } from '@angular/common/http'
import { inject } from '@angular/core'
import { bootstrapApplication } from '@angular/platform-browser'
import { provideRouter, RedirectCommand, Router, withNavigationErrorHandler } from '@angular/router'
import { bearer, provideAuth, requireAuth } from 'sotto/angular'
import { auth } from './auth'
import { App, Failed, Home, Orders, Pending } from './views.ts'

await bootstrapApplication(App, {
  providers: [
    provideRouter(
      [
        { path: '', component: Home },
        { path: 'callback', component: Pending },
        { path: 'orders', component: Orders, canActivate: [requireAuth] },
        { path: 'failed', component: Failed },
      ],
      // Shows what went wrong, at the address of the route that was asked for.
      withNavigationErrorHandler(({ error, url }) => {
        const failed = inject(Router).parseUrl('/failed')
        return new RedirectCommand(failed, { browserUrl: url, info: error })
      }),
    ),
    provideAuth(auth),
    provideHttpClient(withFetch(), withInterceptors([bearer({ allowedOrigins: ['self'] })])),
  ],
})
