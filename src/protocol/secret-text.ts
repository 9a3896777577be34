/**
 * What a form says that anybody may read. Everything else in it is a code, a token or a verifier,
 * or may be one.
 */
const PUBLIC = /^(client_id|grant_type|redirect_uri|scope|audience|resource|\w*token_type\w*)$/

/**
 * The secrets of a request: a code, tokens and the like in its form, and the token in its header.
 */
export function secretsOf({ body, headers }: RequestInit): readonly string[] {
  const form = [...new URLSearchParams(body as URLSearchParams | undefined)]
  const authorization = new Headers(headers).get('authorization')
  return [
    ...form.filter(([name]) => !PUBLIC.test(name)).map(([, value]) => value),
    authorization?.split(' ').at(-1) ?? '',
  ].filter(Boolean)
}

/** Also one of another realm, such as jsdom's. */
export function isError(value: unknown): value is Error {
  return typeof (value as Partial<Error> | null | undefined)?.stack === 'string'
}

/** Whether a text quotes a secret, as it is or as it stands in a URL. */
export function quotesSecret(text: string, secrets: readonly string[]): boolean {
  return secrets.some(
    (secret) => secret && (text.includes(secret) || text.includes(encodeURIComponent(secret))),
  )
}

/**
 * Whether an error quotes a secret, in its texts, in any of its members or in a cause. A member
 * that cannot be looked through, for instance a `Request`, counts as if it did.
 *
 * @throws where it does not let itself be looked at
 */
export function holdsSecret(error: Error, secrets: readonly string[]): boolean {
  if (!secrets.length) return false
  const members = Reflect.ownKeys(error).map((key): unknown => Reflect.get(error, key))
  return [String(error), error.stack, ...members].some((part) =>
    isError(part)
      ? holdsSecret(part, secrets)
      : Object(part) === part || quotesSecret(String(part), secrets),
  )
}
