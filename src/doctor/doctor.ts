import { checkClock, checkSite } from '../explain/checks/app-page.ts'
import { checkMetadata } from '../explain/checks/metadata.ts'
import { recognizeProvider } from '../explain/checks/provider.ts'
import { finding, type Finding } from '../explain/finding.ts'
import { isSecureUrl } from '../protocol/url.ts'
import { checkApp } from './app.ts'
import { createAsk, type Answer } from './ask.ts'
import { checkAuthorization } from './authorization.ts'
import { discover } from './discovery.ts'
import { checkCors, checkKeys, checkTokenEndpoint } from './endpoints.ts'
import type { Patient, SetUp } from './set-up.ts'
import { siteRelation } from './site.ts'

/** What the doctor has found. */
export interface Diagnosis {
  /** The product that the server seems to be. */
  readonly provider: string | undefined
  readonly findings: readonly Finding[]
}

export interface DoctorOptions {
  /** For each request. Default: 10,000. */
  readonly timeoutMs?: number
  /** Milliseconds since the epoch. Default: `Date.now`. */
  readonly now?: () => number
}

/**
 * Examines a set-up from outside the browser, where no policy of a page and no CORS hides an
 * answer. Nobody is logged in by it, and nothing at the server changes.
 */
export async function examine(
  setUp: SetUp,
  { timeoutMs = 10_000, now = Date.now }: DoctorOptions = {},
): Promise<Diagnosis> {
  const ask = createAsk(timeoutMs)
  const { origin } = new URL(setUp.redirectUri)
  const { findings, found } = await discover(ask, setUp.issuer, origin)
  const first = [checkRedirectUri(setUp), ...findings]
  if (!found) return { provider: recognizeProvider(setUp.issuer)?.name, findings: first }
  const { issuer, metadata, url, answer } = found
  const provider = recognizeProvider(issuer, metadata)
  const patient: Patient = { ...setUp, issuer, ask, metadata, metadataUrl: url, provider, origin }
  const others = await Promise.all([
    checkAuthorization(patient),
    checkTokenEndpoint(patient),
    checkKeys(patient),
    setUp.app === undefined ? [] : checkApp(patient, setUp.app),
  ])
  return {
    provider: provider?.name,
    findings: [
      ...first,
      ...checkMetadata(metadata, patient),
      checkCors('cors_discovery', answer, patient),
      ...others.flat(),
      checkSite(siteRelation(origin, issuer), { app: origin, issuer }),
      ...clockOf(answer, now()),
    ],
  }
}

/** What `createAuthClient` takes, and what the server has to redirect to. */
function checkRedirectUri({ redirectUri, app }: SetUp): Finding {
  const evidence = { redirectUri, app }
  const fail = (what: string, fix: string): Finding =>
    finding('redirect_uri', what, { fix, evidence })
  const { username, password } = new URL(redirectUri)
  if (username || password)
    return fail('The redirect URI has a user name in it.', 'Leave it out: no page has one.')
  if (!isSecureUrl(redirectUri))
    return fail(
      `The redirect URI ${redirectUri} is neither https nor on this machine.`,
      'Serve the app over https: browsers have no cryptography elsewhere.',
    )
  if (redirectUri.includes('#'))
    return fail('The redirect URI has a "#" in it.', 'Use a path: the response takes that place.')
  if (app !== undefined && new URL(app).origin !== new URL(redirectUri).origin)
    return fail(
      `The redirect URI is on another origin than the app: ${new URL(app).origin}.`,
      'Use a redirect URI of the app itself.',
    )
  return finding('redirect_uri', 'The redirect URI may be used.', { evidence })
}

function clockOf({ headers, asked }: Answer, now: number): readonly Finding[] {
  const date = Date.parse(headers.get('date') ?? '')
  if (Number.isNaN(date)) return []
  // A cache on the way may have kept the answer for that long.
  const ageMs = (Number(headers.get('age')) || 0) * 1000
  return [checkClock((now - date - ageMs) / 1000, new URL(asked).origin)]
}
