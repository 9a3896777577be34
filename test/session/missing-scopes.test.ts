import { expect, test } from 'vitest'
import { findMissingScopes } from '../../src/session/token-cache.ts'

test.each([
  ['nothing', 'email openid', 'openid email', false, ''],
  ['a scope', 'email openid', 'openid', false, 'email'],
  ['a scope, refresh token or not,', 'email openid', 'openid', true, 'email'],
  ['two scopes', 'email openid phone', 'openid', false, 'email phone'],
  ['offline_access', 'email offline_access openid', 'openid email', false, 'offline_access'],
  ['no offline_access with a token', 'email offline_access openid', 'openid email', true, ''],
])('misses %s in what was granted', (_what, requested, scope, hasRefreshToken, missing) => {
  expect(findMissingScopes(requested, scope, hasRefreshToken)).toBe(missing)
})
