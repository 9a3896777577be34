import { HANDLE, type SendRequest, type SentAnswer } from './messages.ts'
import { postForm } from './post-form.ts'
import { readGrant } from './read-grant.ts'

/** The refresh tokens of one login, of which each replaces the one before. */
interface TokenChain {
  /** The last one. */
  token: string
  /** What pages may call it: a page may have an older name, where the answer with the new one was lost. */
  handles: readonly string[]
  /** Where it was issued, and the only place where it is sent to. */
  readonly tokenEndpoint: string
  readonly clientId: string
  /** Where it is revoked: as the page said when it was issued, and never any other place. */
  readonly revocationEndpoint: string | undefined
  /** The use of it that is under way. */
  queue: Promise<unknown>
}

export interface TokenChains {
  /**
   * Posts a grant, or the revocation of a refresh token; undefined where no answer came, or where
   * the token does not belong there.
   */
  send(request: SendRequest): Promise<SentAnswer | undefined>
  /**
   * Forgets what a handle stands for, and has the server revoke it, if that is known.
   *
   * @returns false where the server may have it as good still
   */
  end(handle: string, timeoutMs: number): Promise<boolean>
}

/** Logins whose refresh tokens are kept: one page does not have more. */
const MAX_CHAINS = 50
/** Names of one chain. */
const MAX_HANDLES = 4

const UNKNOWN: SentAnswer = {
  status: 400,
  headers: [['content-type', 'application/json']],
  text: '{"error":"invalid_grant"}',
}
const ENDED: SentAnswer = { status: 200, headers: [], text: '' }

/** Keeps refresh tokens, each bound to where it was issued, and to whom. */
export function createTokenChains(send: typeof fetch): TokenChains {
  const chains = new Map<string, TokenChain>()

  function forget(handle: string): void {
    const chain = chains.get(handle)
    if (!chain) return
    for (const name of chain.handles) chains.delete(name)
  }

  /** Gives the token of an answer a name, and keeps it. */
  function keep(chain: TokenChain, token: string): string {
    const handle = HANDLE + crypto.randomUUID()
    const all = [...chain.handles, handle]
    for (const name of all.slice(0, -MAX_HANDLES)) chains.delete(name)
    chain.handles = all.slice(-MAX_HANDLES)
    chain.token = token
    chains.set(handle, chain)
    if (chains.size > MAX_CHAINS * MAX_HANDLES) forget(chains.keys().next().value!)
    return handle
  }

  /** A grant that brings a chain of its own, if any. */
  async function begin(request: SendRequest, form: URLSearchParams): Promise<SentAnswer> {
    const chain: TokenChain = {
      token: '',
      handles: [],
      tokenEndpoint: request.url,
      clientId: form.get('client_id') ?? '',
      revocationEndpoint: request.revocationEndpoint,
      queue: Promise.resolve(),
    }
    const answer = await postForm(send, request, form)
    const { token, toAnswer } = readGrant(answer, [])
    return toAnswer(token && keep(chain, token))
  }

  async function refresh(
    chain: TokenChain,
    handle: string,
    request: SendRequest,
    form: URLSearchParams,
  ): Promise<SentAnswer> {
    // It was ended while this waited.
    if (!chains.has(handle)) return UNKNOWN
    const sent = chain.token
    form.set('refresh_token', sent)
    const answer = await postForm(send, request, form)
    const { token, isRefused, toAnswer } = readGrant(answer, [sent])
    if (isRefused) forget(handle)
    if (!token) return toAnswer(undefined)
    return toAnswer(token === sent ? (chain.handles.at(-1) ?? handle) : keep(chain, token))
  }

  async function revoke(
    chain: TokenChain,
    handle: string,
    request: SendRequest,
    form: URLSearchParams,
  ): Promise<SentAnswer> {
    form.set('token', chain.token)
    const answer = await postForm(send, request, form)
    if (answer.status === 200) forget(handle)
    return readGrant(answer, [chain.token]).toAnswer(undefined)
  }

  /** One use of a chain at a time: whoever comes second uses what the first one has brought. */
  function inTurn<Value>(chain: TokenChain, work: () => Promise<Value>): Promise<Value> {
    const turn = chain.queue.then(work)
    chain.queue = turn.catch(() => {})
    return turn
  }

  return {
    async end(handle, timeoutMs) {
      const chain = chains.get(handle)
      forget(handle)
      const url = chain?.revocationEndpoint
      if (!chain || url === undefined) return true
      const headers = [['accept', 'application/json']] as const
      const request = { url, headers, keepalive: true, timeoutMs }
      // Whatever is under way may bring another one, and that is the one to revoke then.
      const { status } = await inTurn(chain, () => {
        const form = { client_id: chain.clientId, token_type_hint: 'refresh_token' }
        return postForm(send, request, new URLSearchParams({ ...form, token: chain.token }))
      })
      if (status !== 200) return false
      chain.handles.forEach(forget)
      return true
    },
    async send(request) {
      const form = new URLSearchParams(request.form)
      const grant = form.get('grant_type')
      if (grant !== null && grant !== 'refresh_token') return begin(request, form)
      const handle = form.get(grant ? 'refresh_token' : 'token') ?? ''
      const chain = chains.get(handle)
      if (!chain) return grant ? UNKNOWN : ENDED
      // The first to go is the one that was not used for the longest time.
      chains.delete(handle)
      chains.set(handle, chain)
      const place = grant ? chain.tokenEndpoint : chain.revocationEndpoint
      // The form says once who asks, and once what for.
      const isOnce = [...new Set(form.keys())].every(
        (name) => name === 'resource' || form.getAll(name).length === 1,
      )
      if (request.url !== place || form.get('client_id') !== chain.clientId || !isOnce)
        return undefined
      return inTurn(chain, async () => (grant ? refresh : revoke)(chain, handle, request, form))
    },
  }
}
