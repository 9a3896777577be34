/** One challenge of a `WWW-Authenticate` header. */
export interface Challenge {
  /** In lower case. */
  readonly scheme: string
  /** By names in lower case; without a prototype. */
  readonly parameters: Readonly<Record<string, string>>
}

/** Longer than any challenge that is meant; the rest is not read. */
const MAX_LENGTH = 4096
/** A scheme, or a parameter with its value. */
const PART = /([\w!#$%&'*+.^`|~-]+)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]*)))?/g

/**
 * Reads the challenges of a response, in their order. What is no challenge is left out.
 *
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1 RFC 9110, section 11.6.1}
 */
export function readChallenges({ headers }: Response): readonly Challenge[] {
  const text = headers.get('www-authenticate') ?? ''
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  for (const [, name = '', quoted, plain] of text.slice(0, MAX_LENGTH).matchAll(PART)) {
    const value = quoted?.replace(/\\(.)/g, '$1') ?? plain
    const last = challenges.at(-1)
    if (value === undefined)
      challenges.push({
        scheme: name.toLowerCase(),
        parameters: Object.create(null) as Record<string, string>,
      })
    // Of two with the same name the first one counts.
    else if (last) last.parameters[name.toLowerCase()] ??= value
  }
  return challenges
}
