import type { ClientContext } from '../client/context.ts'
import { explain } from '../explain/explain.ts'
import { pairs, section } from './dom.ts'

/** Whether a user is signed in, and why not. */
export function sessionSection({ session, owner }: ClientContext): HTMLElement {
  const snapshot = session.getSnapshot()
  const rows: (readonly [string, string])[] = [['status', snapshot.status]]
  if (snapshot.status === 'authenticated') rows.push(['user', nameOf(snapshot.user)])
  if (snapshot.status === 'anonymous' && snapshot.reason) rows.push(['reason', snapshot.reason])
  if (snapshot.status === 'error') {
    const { what, fix } = explain(snapshot.error)
    rows.push(['error', snapshot.error.code], ['what', what], ['fix', fix])
  }
  rows.push(
    ['refresh token', session.refreshToken ? describeRefreshToken(session.refreshToken) : 'none'],
    ['cookies in frames', describeCookies(owner)],
  )
  return section('Session', pairs(rows))
}

/** A server, or a schema, may make something else than a text of a claim. */
function nameOf(user: Readonly<Record<string, unknown>>): string {
  const names = ['name', 'preferred_username', 'email', 'sub'].map((claim) => user[claim])
  return names.find((name) => typeof name === 'string') ?? ''
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
