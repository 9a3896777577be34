/** What the settings of a server are called in its own administration. */
export interface ProviderWords {
  /** Where redirect URIs are listed. */
  readonly redirectUris: string
  /** Where the origins of apps are listed, for CORS. */
  readonly origins: string
  /** What makes a client a public one, as the rest of a sentence. */
  readonly publicClient: string
  /** Where an audience comes from. */
  readonly audience: string
  /** What chooses the algorithm of ID tokens. */
  readonly signing: string
}

/** The products whose words are known. */
export type ProviderName =
  | 'Auth0'
  | 'Okta'
  | 'Keycloak'
  | 'Microsoft Entra ID'
  | 'Amazon Cognito'
  | 'Google'
  | 'Zitadel'
  | 'authentik'
  | 'Logto'

/** By the name of the product, as each calls its own switches. */
export const PROVIDER_WORDS: Readonly<Record<ProviderName, ProviderWords>> = {
  Auth0: {
    redirectUris: '“Allowed Callback URLs” of the application (Settings)',
    origins: '“Allowed Web Origins” of the application (Settings)',
    publicClient:
      'set “Application Type” to “Single Page Application” (Settings), which makes the authentication method “None” (Credentials)',
    audience: 'the “Identifier” of an API (Applications, APIs)',
    signing: '“JSON Web Token Signature Algorithm” (Advanced Settings, OAuth)',
  },
  Okta: {
    redirectUris: '“Sign-in redirect URIs” of the app (General)',
    origins: '“Trusted Origins” with CORS and iFrame embedding (Security, API)',
    publicClient: 'create the app as “Single-Page Application”: “Client authentication” is “None”',
    audience: 'the audience of the authorization server (Security, API)',
    signing: 'the signing key of the authorization server',
  },
  Keycloak: {
    redirectUris: '“Valid redirect URIs” of the client (Settings)',
    origins: '“Web origins” of the client; “+” takes those of the redirect URIs',
    publicClient: 'switch “Client authentication” of the client off (Settings)',
    audience: 'an “Audience” mapper in a client scope',
    signing: '“ID token signature algorithm” (Advanced, Fine grain OpenID Connect configuration)',
  },
  'Microsoft Entra ID': {
    redirectUris: 'the platform “Single-page application” of the app registration (Authentication)',
    origins:
      'the platform “Single-page application” (Authentication): its redirect URIs are the origins',
    publicClient:
      'list the redirect URI under the platform “Single-page application”, not “Web” (Authentication)',
    audience: '“Expose an API”: ask for the scope api://…/name in place of an audience',
    signing: 'nothing to set: Entra signs with RS256',
  },
  'Amazon Cognito': {
    redirectUris: '“Allowed callback URLs” of the app client (Login pages)',
    origins: 'nothing to set: its endpoints allow every origin',
    publicClient:
      'create an app client of the type “Single-page application”, which has no client secret',
    audience: 'the resource servers of the user pool (Domain)',
    signing: 'nothing to set: Cognito signs with RS256',
  },
  Google: {
    redirectUris: '“Authorized redirect URIs” of the OAuth client (Google Auth Platform, Clients)',
    origins: '“Authorized JavaScript origins” of the OAuth client (Google Auth Platform, Clients)',
    publicClient:
      'use a broker in between (Keycloak, Auth0 …): Google’s clients for web pages all have a secret, which a page cannot keep',
    audience: 'the scopes of the API: Google knows no audience',
    signing: 'nothing to set: Google signs with RS256',
  },
  Zitadel: {
    redirectUris: '“Redirect URIs” of the application (Redirect Settings)',
    origins: '“Additional Origins” of the application',
    publicClient:
      'create the application as “User Agent” with the method “PKCE” (authentication “None”)',
    audience: 'the scope urn:zitadel:iam:org:project:id:{projectId}:aud',
    signing: 'the web keys of the instance',
  },
  authentik: {
    redirectUris: '“Redirect URIs/Origins” of the OAuth2 provider',
    origins: '“Redirect URIs/Origins” of the OAuth2 provider: their origins are allowed',
    publicClient: 'set “Client type” of the OAuth2 provider to “Public”',
    audience: 'the client ID of the provider',
    signing: '“Signing Key” of the OAuth2 provider: without one it signs with HS256',
  },
  Logto: {
    redirectUris: '“Redirect URIs” of the application (Settings)',
    origins: '“CORS allowed origins” of the application (Settings)',
    publicClient: 'create the application as “Single page app”',
    audience: 'the “API identifier” of an API resource: pass it as the option resource',
    signing: 'the signing key of the tenant (Tenant settings)',
  },
}
