// What other libraries would ask of the same server: a model of the timers that they document, by
// arithmetic. None of their code is run.

export interface Peer {
  readonly name: string
  /** How long before its end a token is renewed, in seconds. */
  readonly aheadSeconds: number
  /** Whether each tab renews for itself, hidden ones too, or one for all. */
  readonly renews: 'each tab' | 'one tab'
  /** A frame and an exchange, or a refresh; and the preflight of a header that needs one. */
  readonly requestsPerRenewal: number
  /** What becomes of a tab while the server is away for ten minutes. */
  readonly outage: string
}

export const PEERS: readonly Peer[] = [
  {
    name: 'oidc-client-ts 3.5, `automaticSilentRenew`, frame',
    aheadSeconds: 60,
    renews: 'each tab',
    requestsPerRenewal: 2,
    outage: 'after a timeout again every 5 s, for ever: all tabs come back within 15 s',
  },
  {
    name: '@axa-fr/oidc-client 7.29, refresh token',
    aheadSeconds: 120,
    renews: 'each tab',
    requestsPerRenewal: 1,
    outage: 'five attempts, then the session is lost',
  },
  {
    name: 'okta-auth-js 8.0, `autoRenew`, frame',
    aheadSeconds: 30,
    renews: 'one tab',
    requestsPerRenewal: 2,
    outage: 'the token is removed, and an `error` event; no further attempt',
  },
]

/** Requests per user and hour where nothing goes wrong. */
export function modelRequests(peer: Peer, tokenSeconds: number, tabsPerUser: number): number {
  const renewals = 3600 / (tokenSeconds - peer.aheadSeconds)
  const tabs = peer.renews === 'each tab' ? tabsPerUser : 1
  return renewals * tabs * peer.requestsPerRenewal
}
