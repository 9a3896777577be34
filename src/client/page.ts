import { tryOrUndefined } from '../browser/try-or-undefined.ts'
import { isSameRedirectUri } from '../protocol/redirect-address.ts'
import { KEEP_CALLBACK_MS, type Callback } from './take-callback.ts'
import type { ClientContext } from './context.ts'
import type { ResolvedOptions } from './resolve-options.ts'
import { createSessionOwner, type SessionOwner } from './session-owner.ts'

export interface PageEntry {
  owner?: SessionOwner | undefined
  /**
   * The last response that was taken, for some seconds: a client that is made anew at the same page
   * begins with its outcome.
   */
  callback?: Callback | undefined
}

/**
 * What stands for a page: the owners of its sessions, by issuer and client ID, both whole. Clients
 * that a framework makes twice are views of one session.
 */
export type PageEntries = Map<string, PageEntry>

/**
 * The owner of the session that a client with these options has: the one there is, or a new one.
 */
export function ownerOf(page: PageEntries, options: ResolvedOptions): SessionOwner {
  const key = `${options.issuer} ${options.clientId}`
  const entry = page.get(key) ?? {}
  page.set(key, entry)
  return (entry.owner ??= createSessionOwner(entry, options, () => whenCallbacksEnd(page)))
}

/** Ends a client, and with the last one its session's life in this page. */
export function releaseOwner(page: PageEntries, { owner }: ClientContext): void {
  const { entry, issuer, clientId } = owner
  if (owner.views.size || entry.owner !== owner) return
  owner.close()
  entry.owner = undefined
  const forget = (): void => {
    // The client after this one may be finishing it still, and knows how old it is.
    if (entry.owner) return
    entry.callback = undefined
    // Nor is it that of a client that came when this one was forgotten already.
    const key = `${issuer} ${clientId}`
    if (page.get(key) === entry) page.delete(key)
  }
  if (entry.callback) setTimeout(forget, KEEP_CALLBACK_MS)
  else forget()
}

/** Resolves once no client of the page is finishing a callback. */
async function whenCallbacksEnd(page: PageEntries): Promise<unknown> {
  // Whoever takes one finishes it in the same turn.
  const entered = [...page.values()].flatMap(({ callback }) => callback?.entered ?? [])
  return Promise.allSettled(entered.map(({ result }) => result))
}

/** JSON; undefined for what is none, such as a BigInt among the metadata. */
function toText(value: unknown): string | undefined {
  return tryOrUndefined(() => JSON.stringify(value))
}

/** The options of a later client that the session of the page cannot take over, by name. */
export function findIgnored(owner: SessionOwner, given: ResolvedOptions): string[] {
  const labels = ({ renewal }: Pick<ResolvedOptions, 'renewal'>): string =>
    JSON.stringify(renewal.map(({ label }) => label))
  const { options } = owner
  const plain = [
    'metadata',
    'jwks',
    'idTokenSignature',
    'leewaySeconds',
    'timeoutMs',
    'dpop',
  ] as const
  return [
    ...plain.filter((name) => toText(options[name]) !== toText(given[name])),
    ...(labels(options) === labels(given) ? [] : ['renewal']),
    ...(options.tokenStorage.kind === given.tokenStorage.kind ? [] : ['tokenStorage']),
  ]
}

/**
 * Whether a response to this client could be taken for one to a client of another server: both have
 * the same redirect URI, and not both servers name themselves in their responses (RFC 9700, section
 * 4.4.2).
 */
export function isRedirectUriShared(
  page: PageEntries,
  { owner, redirectUri, options }: ClientContext,
): boolean {
  const namesItself = (one: SessionOwner): boolean =>
    one.options.requireIss ??
    one.server.inHand?.metadata.authorization_response_iss_parameter_supported ??
    false
  return [...page.values()].some(
    ({ owner: other }) =>
      !!other?.redirectUri &&
      other.issuer !== options.issuer &&
      isSameRedirectUri(other.redirectUri, redirectUri) &&
      (other.options.requireIss || !!other.server.inHand) &&
      !(namesItself(owner) && namesItself(other)),
  )
}
