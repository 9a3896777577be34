import { tryOrUndefined } from '../../browser/try-or-undefined.ts'
import { PROVIDER_WORDS, type ProviderName, type ProviderWords } from './provider-words.ts'

/** A server whose product is known, and what its settings are called there. */
export interface Provider extends ProviderWords {
  readonly name: ProviderName
}

interface Signs {
  /** Of the host name of the issuer. */
  readonly host?: RegExp
  /** Of its path. */
  readonly path?: RegExp
  /** Of its authorization endpoint. */
  readonly authorize?: RegExp
  /** A member that only its metadata have. */
  readonly member?: string
  /** A response mode that only it has. */
  readonly mode?: string
}

const SIGNS: Readonly<Record<ProviderName, Signs>> = {
  Auth0: { host: /\.auth0\.com$/, member: 'mfa_challenge_endpoint' },
  Okta: { host: /\.(okta|oktapreview|okta-emea)\.com$/, mode: 'okta_post_message' },
  Keycloak: { path: /\/realms\/[^/]+$/, authorize: /\/protocol\/openid-connect\/auth$/ },
  'Microsoft Entra ID': {
    host: /^(login\.microsoftonline\.(com|us)|login\.partner\.microsoftonline\.cn|sts\.windows\.net|.+\.ciamlogin\.com)$/,
  },
  'Amazon Cognito': { host: /^cognito-idp\..+\.amazonaws\.com(\.cn)?$/ },
  Google: { host: /^accounts\.google\.com$/ },
  Zitadel: { host: /\.zitadel\.cloud$/, authorize: /\/oauth\/v2\/authorize$/ },
  authentik: { path: /\/application\/o\//, authorize: /\/application\/o\/authorize\/$/ },
  Logto: { host: /\.logto\.app$/, authorize: /\/oidc\/auth$/ },
}

type Metadata = Readonly<Record<string, unknown>>

/** Which product a server is, by its issuer or its metadata. For words only: never for control flow. */
export function recognizeProvider(issuer: string, metadata: Metadata = {}): Provider | undefined {
  const url = tryOrUndefined(() => new URL(issuer))
  const endpoint = metadata['authorization_endpoint']
  const names = Object.keys(SIGNS) as ProviderName[]
  const has = (name: ProviderName): boolean => {
    const { host, path, authorize, member, mode } = SIGNS[name]
    return [
      host?.test(url?.hostname ?? ''),
      path?.test(url?.pathname ?? ''),
      authorize?.test(typeof endpoint === 'string' ? (endpoint.split('?')[0] ?? '') : ''),
      member !== undefined && Object.hasOwn(metadata, member),
      mode !== undefined && [metadata['response_modes_supported']].flat().includes(mode),
    ].includes(true)
  }
  const name = names.find(has)
  return name && { name, ...PROVIDER_WORDS[name] }
}

/** What a setting is called: in the words of the provider, or of most. */
export function wordsOf(provider: Provider | undefined): ProviderWords {
  return provider ?? GENERAL_WORDS
}

const GENERAL_WORDS: ProviderWords = {
  redirectUris: 'the redirect URIs (“callback URLs”) of the client',
  origins: 'the allowed origins of the client (“web origins”, “CORS origins”, “trusted origins”)',
  publicClient:
    'register the client as a public one (“single-page app”, authentication method “none”, no secret)',
  audience: 'the APIs that are registered at the server',
  signing: 'the signature algorithm of ID tokens',
}
