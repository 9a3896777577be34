import type { ClientContext } from '../client/context.ts'
import { explain } from '../explain/explain.ts'
import { pairs, section } from './dom.ts'

/** Whether a user is signed in, and why not; `tabs` show the panel. */
export function sessionSection(
  { session, owner, options }: ClientContext,
  tabs: number | undefined,
): HTMLElement {
  const snapshot = session.getSnapshot()
  const { generation, sessionParams } = session.epoch
  const rows: (readonly [string, string])[] = [['status', snapshot.status]]
  if (snapshot.status === 'authenticated') rows.push(['user', nameOf(snapshot.user)])
  if (snapshot.status === 'anonymous' && snapshot.reason) rows.push(['reason', snapshot.reason])
  if (snapshot.status === 'error') {
    const { what, fix } = explain(snapshot.error)
    rows.push(['error', snapshot.error.code], ['what', what], ['fix', fix])
  }
  rows.push(
    ['issuer', options.issuer],
    ['client', options.clientId],
    ['renewal', options.renewal.map(({ label }) => label ?? 'custom').join(', ')],
    ['stored', options.tokenStorage.kind],
    ['refresh token', session.refreshToken ? describeRefreshToken(session.refreshToken) : 'none'],
    ['cookies in frames', describeCookies(owner)],
  )
  if (tabs !== undefined) rows.push(['tabs with this panel', String(tabs)])
  // The beginning is enough to tell two sessions apart.
  if (generation) rows.push(['session', generation.slice(0, 8)])
  if (sessionParams) rows.push(['session parameters', Object.keys(sessionParams).join(', ')])
  return section('Session', pairs(rows))
}

function nameOf(user: Readonly<Record<string, unknown>>): string {
  return String(user['name'] ?? user['preferred_username'] ?? user['email'] ?? user['sub'])
}

function describeRefreshToken({
  doubt,
  rotates,
}: NonNullable<ClientContext['session']['refreshToken']>): string {
  if (doubt) return `in doubt, sent ${doubt.tries} times without an answer`
  return rotates === undefined ? 'held' : rotates ? 'held, rotates' : 'held, does not rotate'
}

function describeCookies({ cookies }: ClientContext['owner']): string {
  if (cookies.isConfirmed()) return 'blocked'
  if (cookies.isSuspected()) return 'perhaps blocked'
  return cookies.hasSucceeded() ? 'work' : 'not known yet'
}
