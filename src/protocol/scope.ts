/**
 * The canonical form of a scope value: each scope once, sorted, `openid` among them.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-3.3 RFC 6749, section 3.3}
 */
export function canonicalScope(scope: string): string {
  return [...splitScope(`openid ${scope}`)].sort().join(' ')
}

/** The scopes in a scope value. */
export function splitScope(scope: string): Set<string> {
  return new Set(scope.split(' ').filter(Boolean))
}
