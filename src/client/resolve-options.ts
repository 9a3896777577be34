import {
  checkAuthorizationParams,
  checkResource,
  configInvalid,
  isDuration,
} from '../protocol/request-parameters.ts'
import { isTemplate } from '../protocol/issuer.ts'
import { isKeySet } from '../protocol/json-web-keys.ts'
import type { OpenableBinding } from '../protocol/proof-of-possession.ts'
import { isSecureUrl, parseUrl } from '../protocol/url.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { InternalStrategy } from '../renewal/internal-strategy.ts'
import type { TokenVault } from '../renewal/token-vault.ts'
import { silentIframe } from '../renewal/silent-iframe.ts'
import { redirectWhileSuspected } from '../renewal/silent-redirect-strategy.ts'
import { memoryStorage } from '../session/memory-storage.ts'
import type { OpenableStorage } from '../session/openable-storage.ts'
import type { ClientOptions } from './options.ts'

type Defaulted =
  | 'scope'
  | 'idTokenSignature'
  | 'onLoginRequired'
  | 'responseMode'
  | 'clockToleranceSeconds'
  | 'timeoutMs'

/** Where undefined is absent, as it was made. */
type Present<Options> = { [Name in keyof Options]: Exclude<Options[Name], undefined> }

export type ResolvedOptions = Omit<
  Present<ClientOptions>,
  Defaulted | 'resource' | 'renewal' | 'tokenStorage' | 'dpop'
> &
  Required<Pick<Present<ClientOptions>, Defaulted>> & {
    readonly authorizationParams: Readonly<Record<string, string>>
    readonly resource: readonly string[]
    readonly renewal: readonly InternalStrategy[]
    readonly tokenStorage: OpenableStorage
    readonly dpop?: OpenableBinding
    /** Of a strategy that has one. */
    readonly vault?: TokenVault
  }

/**
 * Checks the options and fills in the defaults. Touches nothing of the browser.
 *
 * @throws AuthError `config_invalid`, with the name of the option as the reason
 */
export function resolveOptions(given: ClientOptions): ResolvedOptions {
  // Own fields only: what someone put on `Object.prototype` is no option.
  const options = ownFields(given) as unknown as ClientOptions
  const { issuer, jwks, claims } = options
  if (!isSecureUrl(issuer) || /[?#\s]/.test(issuer)) throw configInvalid('issuer')
  // What it is filled with is in no well-known place.
  if (isTemplate(issuer) && !options.metadata) throw configInvalid('metadata')
  for (const name of ['clientId', 'redirectUri'] as const)
    if (typeof options[name] !== 'string' || !options[name]) throw configInvalid(name)
  // A page cannot keep a secret.
  for (const name of ['clientSecret', 'client_secret'])
    if (name in options) throw configInvalid(name)
  for (const name of ['leewaySeconds', 'clockToleranceSeconds', 'timeoutMs'] as const)
    if (options[name] !== undefined && !isDuration(options[name])) throw configInvalid(name)
  if (jwks && !isKeySet(jwks)) throw configInvalid('jwks')
  if (claims && typeof claims['~standard']?.validate !== 'function') throw configInvalid('claims')
  for (const name of ['metadata', 'postLogoutRedirectUri'] as const) {
    const url = options[name]
    // A relative one is looked at where there is a page.
    if (typeof url === 'string' && parseUrl(url) && !isSecureUrl(url)) throw configInvalid(name)
  }
  const resolved = ownFields({
    scope: 'openid profile email',
    idTokenSignature: 'verify',
    renewal: [silentIframe(), redirectWhileSuspected()],
    tokenStorage: memoryStorage(),
    onLoginRequired: 'throw',
    responseMode: 'query',
    clockToleranceSeconds: 30,
    timeoutMs: 10_000,
    ...dropAbsent(options),
    authorizationParams: checkAuthorizationParams(options.authorizationParams),
    resource: checkResource(options.resource),
  }) as unknown as ResolvedOptions
  if (!isOpenable(resolved.tokenStorage))
    throw configInvalid('tokenStorage', ' Wrap your own: customStorage({ get, set, delete }).')
  const unfit = findUnfit(resolved)
  if (unfit) throw configInvalid(unfit)
  return resolved
}

/** Its own, and looked at without a use of a storage, which may be blocked. */
function isOpenable(value: object): boolean {
  return typeof Object.getOwnPropertyDescriptor(value, 'open')?.value === 'function'
}

/**
 * The name of an option that is not of its kind, among those that would be noticed late, and by a
 * `TypeError`.
 */
function findUnfit(options: ResolvedOptions): keyof ClientOptions | undefined {
  const { renewal, trustedAudiences, responseMode, onLoginRequired } = options
  const { fetch, navigate, userInfo, par } = options
  const isFunction = (value: unknown): boolean => typeof value === 'function'
  if (!Array.isArray(renewal) || !renewal.every(isFunction)) return 'renewal'
  if (!Array.isArray(trustedAudiences ?? [])) return 'trustedAudiences'
  if (!['query', 'fragment'].includes(responseMode)) return 'responseMode'
  if (!isFunction(onLoginRequired) && !['throw', 'redirect'].includes(onLoginRequired as string))
    return 'onLoginRequired'
  if (!isFunction(fetch ?? isFunction)) return 'fetch'
  if (!isFunction(userInfo ?? isFunction)) return 'userInfo'
  if (!isFunction(par ?? isFunction)) return 'par'
  if (!isOpenable(options.dpop ?? options.tokenStorage)) return 'dpop'
  return isFunction(navigate ?? isFunction) ? undefined : 'navigate'
}

/** An option that is undefined, or null, is absent: it does not undo a default. */
function dropAbsent<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, item]) => item != null)) as Value
}
