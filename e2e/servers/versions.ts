/**
 * What is installed from npm for each server, exactly. Debian's packages have the version that the
 * machine's Debian has: the result says which.
 */
export const npmPackages = {
  'auth0-simulator': { '@simulacrum/auth0-simulator': '0.11.4' },
  authhero: { authhero: '9.6.1', hono: '4.13.19', '@hono/zod-openapi': '1.6.3', zod: '4.6.7' },
  'better-auth': { 'better-auth': '1.7.5', '@better-auth/oauth-provider': '1.7.5' },
  'oauth2-mock-server': { 'oauth2-mock-server': '9.3.0' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>

/** What packages ask for and the registry does not have; nothing loads it. */
export const npmOverrides = {
  '@authhero/proxy': 'npm:hono@4.13.19',
  '@authhero/saml': 'npm:hono@4.13.19',
} as const
