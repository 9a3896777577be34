/**
 * What is installed from npm for each server, exactly. Debian's packages have the version that the
 * machine's Debian has: the result says which.
 */
export const npmPackages = {
  'auth0-simulator': { '@simulacrum/auth0-simulator': '0.11.4' },
  'better-auth': { 'better-auth': '1.7.5', '@better-auth/oauth-provider': '1.7.5' },
  'oauth2-mock-server': { 'oauth2-mock-server': '9.3.0' },
} as const satisfies Readonly<Record<string, Readonly<Record<string, string>>>>
