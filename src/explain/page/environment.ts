import { tryOrUndefined } from '../../browser/try-or-undefined.ts'
import type { ClientContext } from '../../client/context.ts'
import { AuthError, withDetails } from '../../errors.ts'
import { readCallbackUrl } from '../../protocol/callback-url.ts'
import { stateTag } from '../../protocol/transaction.ts'
import { resolveRedirectUri } from '../../protocol/url.ts'
import { docsLink } from '../docs-link.ts'
import { explain } from '../explain.ts'
import { finding, type Finding, type FindingDetails } from '../finding.ts'

/** What the browser gives this page, without a request. */
export async function checkEnvironment(context: ClientContext): Promise<readonly Finding[]> {
  return [
    checkSecureContext(),
    checkRedirectUri(context),
    checkStorage(context),
    await checkLocks(),
    ...checkFrames(),
    ...checkServiceWorker(),
    ...checkAddress(context),
    ...checkBackForwardCache(),
  ]
}

function checkSecureContext(): Finding {
  const evidence = { origin: location.origin }
  if (globalThis.crypto?.subtle)
    return finding('secure_context', 'The page is a secure context.', { evidence })
  return finding('secure_context', ...inWords(new AuthError('insecure_context', { evidence })))
}

/** The words of `explain`, for a finding. */
export function inWords(
  error: AuthError,
  more: Pick<FindingDetails, 'level' | 'evidence'> = {},
): [string, FindingDetails] {
  const { what, ...advice } = explain(error)
  const { code, reason, status, oauthError } = error
  const evidence = { code, reason, status, oauthError, ...more.evidence }
  return [what, { ...advice, ...more, evidence }]
}

function checkRedirectUri({ options }: ClientContext): Finding {
  const evidence = { redirectUri: options.redirectUri, origin: location.origin }
  try {
    const whole = resolveRedirectUri(options.redirectUri)
    return finding('redirect_uri', `The redirect URI is ${whole}.`, { evidence })
  } catch (error) {
    const own = { expected: location.origin, got: options.redirectUri }
    const seen = withDetails(error, { evidence: own })
    return finding('redirect_uri', ...inWords(seen as AuthError, { evidence }))
  }
}

/** Whether a storage keeps what it is given. */
function works(open: () => Storage): boolean {
  const key = 'sotto:diagnosis'
  return !!tryOrUndefined(() => {
    const storage = open()
    storage.setItem(key, key)
    const isKept = storage.getItem(key) === key
    storage.removeItem(key)
    return isKept
  })
}

function checkStorage({ options }: ClientContext): Finding {
  const kept = {
    sessionStorage: works(() => sessionStorage),
    localStorage: works(() => localStorage),
    indexedDB: !!tryOrUndefined(() => indexedDB),
  }
  const evidence = { ...kept, tokenStorage: options.tokenStorage.kind }
  if (!kept.sessionStorage && !options.transactionStorage)
    return finding(
      'storage',
      ...inWords(new AuthError('storage_unavailable', { reason: 'transactionStorage' }), {
        evidence,
      }),
    )
  const missing = Object.entries(kept).flatMap(([name, isThere]) => (isThere ? [] : name))
  if (!missing.length) return finding('storage', 'The storages of the browser work.', { evidence })
  return finding('storage', `The browser keeps nothing in ${missing.join(', ')}.`, {
    level: 'hint',
    fix: 'The session goes on in memory, and tabs do not hear of each other. Site data may be blocked for this page.',
    evidence,
  })
}

async function checkLocks(): Promise<Finding> {
  const name = 'sotto:diagnosis'
  const locks = tryOrUndefined(() => navigator.locks)
  const isGranted = await Promise.resolve(locks?.request(name, () => true)).catch(() => false)
  if (isGranted) return finding('locks', 'The browser has locks, so that one tab renews for all.')
  return finding('locks', 'The browser refuses locks here.', {
    level: 'hint',
    fix: 'Nothing: refresh tokens stay in the memory of each tab then.',
  })
}

function checkFrames(): readonly Finding[] {
  const isolated = globalThis.crossOriginIsolated
    ? finding(
        'isolation',
        ...inWords(new AuthError('silent_blocked', { reason: 'cross_origin_isolated' })),
      )
    : finding('isolation', 'The page is not cross-origin isolated.')
  if (globalThis.top === globalThis.self) return [isolated]
  return [
    isolated,
    finding('embedded', 'The page is in a frame of another.', {
      level: 'hint',
      fix: 'Log in by a window of its own: most servers refuse to be framed, and the storage of a frame on another site is kept apart.',
    }),
  ]
}

function checkServiceWorker(): readonly Finding[] {
  const worker = tryOrUndefined(() => navigator.serviceWorker?.controller)
  if (!worker) return []
  return [
    finding('service_worker', 'A service worker stands between this page and the network.', {
      level: 'hint',
      fix: 'See that it lets requests to the server through, and keeps no answer of the redirect URI with a query in its cache.',
      evidence: { script: worker.scriptURL.split('?')[0] },
    }),
  ]
}

/** A response in the address of a page that has finished it, or that nothing will finish. */
function checkAddress({ options, session }: ClientContext): readonly Finding[] {
  const tag = stateTag(options)
  const response = readCallbackUrl(new URL(location.href), (state) => state.startsWith(`${tag}.`))
  if (!response) return []
  const evidence = { path: location.pathname, parameters: [...response.keys()].sort() }
  // `start` cleans the address before it does anything else.
  if (session.getSnapshot().status === 'loading')
    return [
      finding('address', 'A login has come back to this page, and nothing has called start().', {
        fix: 'Call auth.start() once when a page is loaded, on the page of the redirect URI too. It finishes the login.',
        docs: docsLink('stuck-at-callback', 'when-it-does-not-work'),
        evidence,
      }),
    ]
  return [
    finding('address', 'The address of the page still has the answer to a login in it.', {
      fix: 'If nothing on this page calls auth.start(), call it: it finishes the login. Else a router that was made before `start` has put it back: make it after `start`, or lead it away in `onCallback`. What is in the address is used up then, but it lies in the history and goes to whoever is told the URL.',
      evidence,
    }),
  ]
}

/** Where the browser says why it loaded the page anew when the user came back to it. */
function checkBackForwardCache(): readonly Finding[] {
  const [navigation] = performance.getEntriesByType('navigation') as readonly Navigation[]
  const reasons = navigation?.notRestoredReasons?.reasons?.map(({ reason }) => reason) ?? []
  if (!reasons.length) return []
  return [
    finding('back_forward_cache', 'The browser did not keep this page for Back and Forward.', {
      level: 'hint',
      fix: 'A page that is kept has its session at once. An `unload` listener, for instance, of whichever script, forbids it.',
      evidence: { reasons: [...reasons] },
    }),
  ]
}

interface Navigation extends PerformanceEntry {
  /** Chrome 123 and later. */
  readonly notRestoredReasons?: {
    readonly reasons?: readonly { readonly reason: string }[]
  } | null
}
