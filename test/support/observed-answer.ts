/**
 * What the answers of a server consist of, by the exchange and the part: equal for servers between
 * which a client sees no difference.
 */
export type Observations = Readonly<Record<string, unknown>>

/** Those that decide what a page may read, frame or keep. */
const HEADERS = [
  'access-control-allow-origin',
  'access-control-allow-credentials',
  'cache-control',
  'x-frame-options',
] as const

/** Says of which exchange the parts are. */
export function inPart(exchange: string, parts: Observations): Observations {
  return Object.fromEntries(
    Object.entries(parts).map(([part, value]) => [`${exchange}: ${part}`, value]),
  )
}

/** What is the same for all answers. */
export function readHead({ status, headers }: Response): Observations {
  return {
    status,
    ...Object.fromEntries(HEADERS.map((name) => [name, headers.get(name)?.toLowerCase()])),
    'media type': headers.get('content-type')?.replace(/;.*/, ''),
    'frame-ancestors': /frame-ancestors[^;]*/.exec(
      headers.get('content-security-policy') ?? '',
    )?.[0],
  }
}

export async function readError(response: Response): Promise<Observations> {
  const { error } = (await response.json().catch(() => ({}))) as { readonly error?: string }
  return { ...readHead(response), error }
}

/** The same value at every server. */
export function relative(value: unknown, issuer: string): unknown {
  if (Array.isArray(value)) return [...(value as readonly string[])].sort()
  return typeof value === 'string' ? value.replace(issuer, 'ISSUER') : value
}
