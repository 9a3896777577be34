import type { AuthClient } from '../../client/auth-client.ts'
import type { ClientContext } from '../../client/context.ts'
import { AuthError, isAuthError } from '../../errors.ts'
import { NEEDS_LOGIN } from '../../protocol/oauth-error.ts'
import { docsLink } from '../docs-link.ts'
import { finding, type Finding, type FindingDetails } from '../finding.ts'
import { inWords } from './environment.ts'

const notStarted = (): FindingDetails => ({
  level: 'hint',
  fix: 'Ask again once start() is done. If it stays so, nothing has called auth.start().',
  docs: docsLink('it-says-loading-for-ever', 'when-it-does-not-work'),
})

/** What the client knows already, without a request. */
export function checkSession({ session, owner }: ClientContext): readonly Finding[] {
  const snapshot = session.getSnapshot()
  const { status } = snapshot
  const known =
    status === 'error'
      ? finding('session', ...inWords(snapshot.error, { evidence: { status } }))
      : finding('session', `The client is ${status}.`, {
          ...(status === 'loading' && notStarted()),
          evidence: { status, reason: status === 'anonymous' ? snapshot.reason : undefined },
        })
  if (!owner.cookies.isSuspected()) return [known]
  const reason = 'cookies_blocked_suspected'
  const isConfirmed = owner.cookies.isConfirmed()
  const suspicion = new AuthError('login_required', { reason })
  return [
    known,
    finding(
      'cookies',
      ...inWords(suspicion, { level: isConfirmed ? 'error' : 'hint', evidence: { isConfirmed } }),
    ),
  ]
}

/**
 * Has the client do what it does when a token has ended. Nothing is asked after a logout, nor before
 * `start`, whose work it would be.
 */
export async function checkSilentRequest(
  auth: AuthClient<object>,
  timeoutMs: number,
): Promise<readonly Finding[]> {
  const snapshot = auth.getSnapshot()
  const isLoggedOut = snapshot.status === 'anonymous' && snapshot.reason === 'logged_out'
  if (snapshot.status === 'loading' || isLoggedOut) return []
  try {
    await auth.getTokenSilently({ cacheMode: 'off', onLoginRequired: 'throw', timeoutMs })
    return [finding('silent_request', 'A token was renewed without the user.')]
  } catch (error) {
    if (!isAuthError(error)) throw error
    return [explainFailure(error, snapshot.status === 'authenticated')]
  }
}

function explainFailure(error: AuthError, isSignedIn: boolean): Finding {
  const attempts = (error.attempts ?? []).map(({ strategy, code, reason }) =>
    [strategy, code, reason].filter(Boolean).join(' '),
  )
  const evidence = { ...(attempts.length > 0 && { attempts }) }
  const isAnswer = NEEDS_LOGIN.test(error.code) && error.reason === undefined
  if (isAnswer && !isSignedIn)
    return finding('silent_request', `The server answers silent requests (${error.code}).`, {
      evidence: { ...evidence, code: error.code },
    })
  const level = isAnswer ? 'hint' : 'error'
  return finding('silent_request', ...inWords(error, { level, evidence }))
}
