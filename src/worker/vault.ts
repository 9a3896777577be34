import { ownFields } from '../protocol/without-prototype.ts'
import { createKeyBox } from './key-box.ts'
import { PROTOCOL, type SendRequest, type SentAnswer, type StoredValue } from './messages.ts'
import { createTokenChains } from './token-chains.ts'

/** What the worker does with one message. */
export type Vault = (message: unknown) => Promise<unknown>

/** Values of pages that are kept: one for each issuer and client. */
const MAX_VALUES = 32

/**
 * What runs in the worker: keeps refresh tokens, and sends them where they belong. Its pages may be
 * under the control of an attacker: none of its answers has a refresh token in it, and nothing that
 * it is told has a token sent to another place.
 *
 * @param send the worker's own `fetch`
 */
export function createVault(send: typeof fetch): Vault {
  const chains = createTokenChains(send)
  const keys = createKeyBox()
  const values = new Map<string, StoredValue>()
  let revisions = 0

  function read(key: string): StoredValue {
    return values.get(key) ?? { value: undefined, revision: 0 }
  }

  /** @returns whether nobody else was first */
  function write(key: string, value: unknown, revision: number): boolean {
    if (read(key).revision !== revision) return false
    values.delete(key)
    if (value !== undefined) values.set(key, { value, revision: ++revisions })
    if (values.size > MAX_VALUES) values.delete(values.keys().next().value!)
    return true
  }

  return async (message): Promise<unknown> => {
    const asked = ownFields(message)
    const text = (name: string): string => String(asked[name] ?? '')
    switch (asked['verb']) {
      case 'hello':
        return { version: PROTOCOL }
      case 'send':
        return chains.send(readSendRequest(asked)) satisfies Promise<SentAnswer | undefined>
      case 'end':
        return chains.end(text('handle'), readTimeout(asked))
      case 'key':
        return keys.load(text('key'))
      case 'prove':
        return keys.prove(text('key'), text('jkt'), ownFields(asked['claims']))
      case 'forget':
        return keys.forget(text('key'), text('jkt'))
      case 'read':
        return read(text('key'))
      case 'write':
        return write(text('key'), asked['value'], Number(asked['revision']))
      default:
        return undefined
    }
  }
}

function readSendRequest(asked: Readonly<Record<string, unknown>>): SendRequest {
  const { url, form, headers, keepalive, revocationEndpoint } = asked
  return {
    verb: 'send',
    url: String(url),
    form: String(form),
    headers: Array.isArray(headers) ? (headers as SendRequest['headers']) : [],
    keepalive: keepalive === true,
    timeoutMs: readTimeout(asked),
    revocationEndpoint: typeof revocationEndpoint === 'string' ? revocationEndpoint : undefined,
  }
}

/** Longer than any app waits. */
const MAX_TIMEOUT_MS = 120_000

function readTimeout({ timeoutMs }: Readonly<Record<string, unknown>>): number {
  const given = Number(timeoutMs)
  return given > 0 && given < MAX_TIMEOUT_MS ? given : MAX_TIMEOUT_MS
}
