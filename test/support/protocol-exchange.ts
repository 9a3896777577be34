import { createServerClock } from '../../src/protocol/server-clock.ts'
import { createHash } from 'node:crypto'
import { isAuthError, type AuthError } from '../../src/errors.ts'
import type { ServerMetadata } from '../../src/protocol/discovery.ts'
import { createKeySource } from '../../src/protocol/json-web-keys.ts'
import {
  exchangeAuthorizationCode,
  type TokenRequestInput,
} from '../../src/protocol/token-request.ts'
import type { TokenSet } from '../../src/protocol/token-set.ts'
import {
  createTransaction,
  type Transaction,
  type TransactionInput,
} from '../../src/protocol/transaction.ts'
import { createBoundedFetch } from '../../src/browser/bounded-fetch.ts'
import { createSigner, type TestSigner } from './protocol-signer.ts'

export const issuer = 'https://login.example'
export const clientId = 'app'
export const redirectUri = 'https://app.example/callback'
export const accessToken = 'the-access-token'

export const serverMetadata: ServerMetadata = {
  issuer,
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  jwks_uri: `${issuer}/jwks`,
  authorization_response_iss_parameter_supported: true,
}

export const makeTransaction = (changes: Partial<TransactionInput> = {}): Transaction =>
  createTransaction({
    kind: 'login',
    redirectUri,
    issuer,
    clientId,
    scope: 'email openid profile',
    resource: [],
    authorizationParams: {},
    responseMode: 'query',
    createdAt: Date.now(),
    ...changes,
  })

/** What the other side sends; a member that is undefined is left out. */
export interface ExchangeOptions {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly tokenResponse?: Readonly<Record<string, unknown>>
  /** Of the token response. */
  readonly status?: number
  /** In place of the token response. */
  readonly response?: Response
  readonly signer?: TestSigner
  /** The published keys; that of the signer unless told. */
  readonly keys?: readonly object[]
  /** Changes the finished ID token. */
  readonly mangle?: (idToken: string) => unknown
  readonly metadata?: Partial<ServerMetadata>
  readonly transaction?: Transaction
  readonly input?: Partial<TokenRequestInput>
}

let defaultSigner: Promise<TestSigner> | undefined

/** One RS256 key for all tests of a file: making one takes a tenth of a second. */
export const rs256Signer = (): Promise<TestSigner> => (defaultSigner ??= createSigner('RS256'))

export const nowSeconds = (): number => Math.floor(Date.now() / 1000)

/**
 * `at_hash` after OpenID Connect Core, section 3.1.3.6, made with another implementation than ours.
 */
export const atHash = (algorithm: 'sha256' | 'sha384' | 'sha512', token = accessToken): string => {
  const digest = createHash(algorithm).update(token).digest()
  return digest.subarray(0, digest.length / 2).toString('base64url')
}

export const goodClaims = (transaction: Transaction): Readonly<Record<string, unknown>> => ({
  iss: issuer,
  sub: 'alice',
  aud: clientId,
  iat: nowSeconds(),
  exp: nowSeconds() + 300,
  nonce: transaction.nonce,
})

/** Exchanges a code with a server that answers as told. */
export async function exchange(options: ExchangeOptions = {}): Promise<TokenSet> {
  const signer = options.signer ?? (await rs256Signer())
  const transaction = options.transaction ?? makeTransaction()
  const idToken = await signer.sign(
    { ...goodClaims(transaction), ...options.claims },
    options.header,
  )
  const body = {
    access_token: accessToken,
    token_type: 'Bearer',
    expires_in: 600,
    id_token: options.mangle ? options.mangle(idToken) : idToken,
    ...options.tokenResponse,
  }
  const fetch = createBoundedFetch(async (url) => {
    if (url === serverMetadata.jwks_uri)
      return Response.json({ keys: options.keys ?? [signer.publicJwk] })
    return options.response ?? Response.json(body, { status: options.status ?? 200 })
  }, 2000)
  return exchangeAuthorizationCode(
    {
      server: {
        ...serverMetadata,
        id_token_signing_alg_values_supported: [signer.alg],
        ...options.metadata,
      },
      transaction,
      code: 'the-code',
      fetch,
      keys: createKeySource(serverMetadata.jwks_uri!, fetch, () => performance.now()),
      clock: createServerClock(() => {}),
      clockToleranceSeconds: 30,
      ...options.input,
    },
    Date.now,
  )
}

/**
 * The error that a promise rejects with, or a function throws; anything but an AuthError fails the
 * test.
 */
export async function failure(attempt: Promise<unknown> | (() => unknown)): Promise<AuthError> {
  try {
    await (typeof attempt === 'function' ? attempt() : attempt)
  } catch (error) {
    if (isAuthError(error)) return error
    throw new Error('not an AuthError', { cause: error })
  }
  throw new Error('nothing went wrong')
}

/** `code/reason`, as tables of expectations have it. */
export async function outcome(attempt: Promise<unknown> | (() => unknown)): Promise<string> {
  const { code, reason } = await failure(attempt)
  return reason === undefined ? code : `${code}/${reason}`
}
