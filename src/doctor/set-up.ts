import type { Metadata } from '../explain/checks/metadata.ts'
import type { Provider } from '../explain/checks/provider.ts'
import type { Ask } from './ask.ts'

/** What the doctor is told. */
export interface SetUp {
  readonly issuer: string
  readonly clientId: string
  /** Whole. */
  readonly redirectUri: string
  /** The URL of the app, where it is served already. */
  readonly app?: string
  readonly audience?: string
  readonly scope: string
}

/** A server whose metadata was found, and what is asked of it. */
export interface Patient extends SetUp {
  readonly ask: Ask
  readonly metadata: Metadata
  /** Where the metadata are. */
  readonly metadataUrl: string
  readonly provider: Provider | undefined
  /** Of the app: that of the redirect URI. */
  readonly origin: string
}

/** A URL of the metadata; undefined where it is none. */
export function endpointOf(
  { metadata }: Pick<Patient, 'metadata'>,
  name: string,
): string | undefined {
  const value = metadata[name]
  return typeof value === 'string' && URL.canParse(value) ? value : undefined
}
