import type { HttpErrorResponse, HttpEvent, HttpInterceptorFn } from '@angular/common/http'
import { inject } from '@angular/core'
import { catchError, defer, finalize, from, switchMap, type Observable } from 'rxjs'
import type { AuthFetchOptions } from 'sotto'
import { createOriginCheck } from '../add-ons/allowed-origins.ts'
import { createTokenFinder } from '../add-ons/find-token.ts'
import { holdUser } from '../add-ons/hold-user.ts'
import { ownOptions } from '../add-ons/own-options.ts'
import { replaceToken } from '../add-ons/replace-token.ts'
import { AUTH } from './provide-auth.ts'

/** Where the token may go, and what it is asked for, as for `createAuthFetch`. */
export interface BearerOptions extends Omit<
  AuthFetchOptions,
  'fetch' | 'onStepUp' | 'maxRetryAfterSeconds'
> {}

/**
 * Makes an interceptor that sends the user's access token along: to the allowed origins only. After
 * a 401 it gets a new token and tries once more. A request to another origin, or with an
 * `Authorization` header of its own, goes out as it is. A request fails as `getTokenSilently` does
 * where there is no token. On a server all go out as they are: nobody is signed in there.
 *
 * It answers no step-up and waits for no `Retry-After`: those are answers like any other.
 *
 * A redirect of the API is followed by the browser, as `HttpClient` has it by default: an API that
 * redirects to other origins is no place for it.
 *
 * It does not fit the option `dpop`: an API refuses a bound token without a proof.
 *
 * @throws AuthError `config_invalid` for an entry that is no origin (reason `allowedOrigins`), and
 *   for an unfit `anonymous`
 * @example
 * ```ts
 * import { provideHttpClient, withInterceptors } from '@angular/common/http'
 * import { bearer } from 'sotto/angular'
 *
 * const toApi = bearer({ allowedOrigins: ['https://api.example.com'] })
 * const providers = [provideHttpClient(withInterceptors([toApi]))]
 * ```
 */
export function bearer(all: BearerOptions): HttpInterceptorFn {
  const { allowedOrigins, anonymous, ...options } = ownOptions(all)
  const isAllowed = createOriginCheck(allowedOrigins)
  const findToken = createTokenFinder(anonymous, options)
  return (request, next) => {
    if (
      typeof document === 'undefined' ||
      !isAllowed(new URL(request.url, document.baseURI)) ||
      request.headers.has('authorization')
    )
      return next(request)
    const auth = inject(AUTH)
    const send = (token: string | undefined): Observable<HttpEvent<unknown>> =>
      next(token ? request.clone({ setHeaders: { authorization: `Bearer ${token}` } }) : request)
    return defer(() => {
      const ended = new AbortController()
      const { signal } = ended
      return from(findToken(auth, signal)).pipe(
        switchMap((token) => {
          const assertSameUser = holdUser(auth)
          return send(token).pipe(
            catchError((error: Partial<HttpErrorResponse>) => {
              if (!token || error.status !== 401) throw error as Error
              return from(replaceToken(auth, token, { ...options, signal })).pipe(
                switchMap((next) => {
                  if (!next) throw error as Error
                  assertSameUser()
                  return send(next)
                }),
              )
            }),
          )
        }),
        // Who is no longer interested waits for no token.
        finalize(() => ended.abort()),
      )
    })
  }
}
