// What the compiler says of the public API: `npm run typecheck` runs it.
import type { StandardSchemaV1 } from '@standard-schema/spec'
import * as v from 'valibot'
import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import {
  createAuthClient,
  createAuthFetch,
  fetchUserInfo,
  getTokenWithPopup,
  loginWithPopup,
  requireLogin,
  settled,
  type AuthClient,
  type AuthError,
  type ClaimsSchema,
  type PopupResult,
  type PopupTokenOptions,
  type TokenDetails,
  type TokenOptions,
  type User,
} from 'sotto'

const options = { issuer: 'https://login.example.com', clientId: 'app', redirectUri: '/' }
declare const auth: AuthClient
declare function valueOf<Type>(): Type

/** What is only compiled. */
const compiled = (_code: () => unknown): void => {}

test('getTokenSilently says what it gives, for every combination of its options', () => {
  compiled(() => {
    type Text = Promise<string>
    type Either = Promise<string | TokenDetails>
    type Missing<Result> = Promise<Awaited<Result> | undefined>
    expectTypeOf(auth.getTokenSilently()).toEqualTypeOf<Text>()
    expectTypeOf(auth.getTokenSilently({})).toEqualTypeOf<Text>()
    expectTypeOf(auth.getTokenSilently({ scope: 'a', cacheMode: 'off' })).toEqualTypeOf<Text>()
    expectTypeOf(auth.getTokenSilently({ detailed: false })).toEqualTypeOf<Text>()
    expectTypeOf(auth.getTokenSilently({ detailed: true })).toEqualTypeOf<Promise<TokenDetails>>()
    expectTypeOf(auth.getTokenSilently({ detailed: true, cacheMode: 'cache-only' })).toEqualTypeOf<
      Missing<TokenDetails>
    >()
    expectTypeOf(auth.getTokenSilently({ cacheMode: 'cache-only' })).toEqualTypeOf<Missing<Text>>()
    const detailed = valueOf<boolean>()
    expectTypeOf(auth.getTokenSilently({ detailed })).toEqualTypeOf<Either>()
    expectTypeOf(auth.getTokenSilently({ detailed, cacheMode: 'off' })).toEqualTypeOf<Either>()
    expectTypeOf(auth.getTokenSilently({ detailed, cacheMode: 'cache-only' })).toEqualTypeOf<
      Missing<Either>
    >()
  })
})

test('getTokenSilently does not promise more for options in a variable', () => {
  compiled(() => {
    expectTypeOf(auth.getTokenSilently(valueOf<TokenOptions>())).toEqualTypeOf<
      Promise<string | TokenDetails | undefined>
    >()
    expectTypeOf(auth.getTokenSilently(valueOf<TokenOptions | undefined>())).toEqualTypeOf<
      Promise<string | TokenDetails | undefined>
    >()
    expectTypeOf(auth.getTokenSilently(valueOf<{ detailed?: true }>())).toEqualTypeOf<
      Promise<string | TokenDetails>
    >()
    expectTypeOf(auth.getTokenSilently(valueOf<{ detailed: true } | { scope: string }>()))
      // The second may be anything that has a scope.
      .toEqualTypeOf<Promise<string | TokenDetails>>()
    expectTypeOf(
      auth.getTokenSilently(valueOf<{ cacheMode?: 'on' | 'cache-only' }>()),
    ).toEqualTypeOf<Promise<string | undefined>>()
    const mutable = { detailed: true }
    expectTypeOf(auth.getTokenSilently(mutable)).toEqualTypeOf<Promise<string | TokenDetails>>()
    // @ts-expect-error A name that is misspelled is no option.
    void auth.getTokenSilently({ scope: 'a', detialed: true })
    // @ts-expect-error There is no such mode.
    void auth.getTokenSilently({ cacheMode: 'never' })
  })
})

test('a token by popup has a type for every combination of its options', () => {
  compiled(() => {
    expectTypeOf(getTokenWithPopup(auth)).toEqualTypeOf<Promise<string>>()
    expectTypeOf(getTokenWithPopup(auth, { scope: 'a', width: 300 })).toEqualTypeOf<
      Promise<string>
    >()
    expectTypeOf(getTokenWithPopup(auth, { detailed: true })).toEqualTypeOf<Promise<TokenDetails>>()
    expectTypeOf(getTokenWithPopup(auth, valueOf<PopupTokenOptions>())).toEqualTypeOf<
      Promise<string | TokenDetails>
    >()
    // @ts-expect-error The session is what it was.
    void getTokenWithPopup(auth, { sessionParams: {} })
    // @ts-expect-error The page has not gone anywhere.
    void loginWithPopup(auth, { returnTo: '/' })
    expectTypeOf(loginWithPopup(auth)).toEqualTypeOf<Promise<PopupResult>>()
  })
})

test('a snapshot narrows by its status', () => {
  compiled(() => {
    const snapshot = auth.getSnapshot()
    if (snapshot.status === 'authenticated') expectTypeOf(snapshot.user).toEqualTypeOf<User>()
    else if (snapshot.status === 'error') expectTypeOf(snapshot.error).toEqualTypeOf<AuthError>()
    else if (snapshot.status === 'anonymous')
      expectTypeOf(snapshot.reason).toEqualTypeOf<
        'logged_out' | 'session_ended' | 'cookies_blocked_suspected' | undefined
      >()
    else expectTypeOf(snapshot.status).toEqualTypeOf<'loading'>()
    // @ts-expect-error Only a user who is signed in is there.
    void snapshot.user
    // @ts-expect-error It is not to be written to.
    snapshot.status = 'anonymous'
  })
})

test('start, settled and requireLogin do not give a snapshot that is loading', () => {
  compiled(async () => {
    type Settled = 'authenticated' | 'anonymous' | 'error'
    expectTypeOf((await auth.start()).status).toEqualTypeOf<Settled>()
    expectTypeOf((await settled(auth)).status).toEqualTypeOf<Settled>()
    expectTypeOf(await requireLogin(auth)).toEqualTypeOf<{
      readonly status: 'authenticated'
      readonly user: User
    }>()
  })
})

test('without a schema the user has the standard claims, and any other is unknown', () => {
  compiled(async () => {
    expectTypeOf(createAuthClient(options)).toEqualTypeOf<AuthClient>()
    expectTypeOf(await auth.getUser()).toEqualTypeOf<User | undefined>()
    expectTypeOf(valueOf<User>()['roles']).toEqualTypeOf<unknown>()
    // @ts-expect-error A cast is not what a user is.
    await auth.getUser<{ roles: string[] }>()
  })
})

test('a schema types the user wherever there is one', () => {
  compiled(async () => {
    const claims = z.object({
      roles: z.array(z.string()),
      email: z.string().transform((email) => ({ address: email })),
    })
    const typed = createAuthClient({ ...options, claims })
    const user = (await typed.getUser())!
    expectTypeOf(user.roles).toEqualTypeOf<string[]>()
    expectTypeOf(user.email).toEqualTypeOf<{ address: string }>()
    expectTypeOf(user.sub).toEqualTypeOf<string>()
    expectTypeOf(user.name).toEqualTypeOf<string | undefined>()
    const snapshot = await typed.start({
      onCallback(outcome) {
        expectTypeOf(outcome.user?.roles).toEqualTypeOf<string[] | undefined>()
      },
    })
    if (snapshot.status === 'authenticated')
      expectTypeOf(snapshot.user.roles).toEqualTypeOf<string[]>()
    expectTypeOf((await typed.handleRedirectCallback()).user.roles).toEqualTypeOf<string[]>()
    expectTypeOf((await fetchUserInfo(typed)).roles).toEqualTypeOf<string[]>()
    const guarded = await requireLogin(typed, { allow: ({ roles }) => roles.includes('admin') })
    expectTypeOf(guarded.user.roles).toEqualTypeOf<string[]>()
    typed.on('session', (event) => {
      if (event.status === 'authenticated') expectTypeOf(event.user.roles).toEqualTypeOf<string[]>()
    })
    // Whatever its users are, it is a client.
    createAuthFetch(typed, { allowedOrigins: ['https://api.example.com'] })
    // @ts-expect-error It is not to be written to.
    user.roles = []
  })
})

test('any Standard Schema of an object fits, and no other', () => {
  compiled(() => {
    expectTypeOf(v.object({ roles: v.array(v.string()) })).toExtend<
      ClaimsSchema<{ roles: string[] }>
    >()
    expectTypeOf<StandardSchemaV1<unknown, { roles: string[] }>>().toExtend<
      ClaimsSchema<{ roles: string[] }>
    >()
    // @ts-expect-error A user is an object.
    createAuthClient({ ...options, claims: z.string() })
  })
})

test('onCallback may return what a router returns', () => {
  compiled(() => {
    void auth.start({ onCallback: () => Promise.resolve(true) })
    void auth.start({ onCallback: () => Promise.resolve<Error | undefined>(undefined) })
    void auth.start({ onCallback: () => {} })
  })
})
