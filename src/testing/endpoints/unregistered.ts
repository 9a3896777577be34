import { errorPage } from '../pages/html-page.ts'
import type { Configuration } from '../server/configuration.ts'
import { escapeHtml } from '../server/encoding.ts'
import type { RegisteredClient } from '../server/options.ts'

/** What somebody has to read who cannot be sent back to the client. */
export interface Problem {
  readonly page: string
  /** What `sotto-mock` has to be told, so that it does not come again. */
  readonly flag?: string
}

/** It came from anywhere: nothing in it may steer a terminal. */
const shown = (text: string) => text.replace(/[^\x20-\x7e]/g, '?').slice(0, 300)

/** The flag as a shell takes it; none for what only somebody hostile writes. */
function flagFor(name: string, value: string): Pick<Problem, 'flag'> {
  if (!/^[\x21-\x7e]{1,300}$/.test(value) || /["'`$\\]/.test(value)) return {}
  return { flag: `--${name} ${/^[\w.:/=@%+-]+$/.test(value) ? value : `'${value}'`}` }
}

const isWeb = (uri: string) => /^https?:/i.test(uri) && URL.canParse(uri)
const isRedirectUri = (uri: string) => isWeb(uri) && !uri.includes('#')

/** Nobody has registered a client of that name. */
export function unknownClient(
  clientId: string | null,
  { clients, redirectUri }: { clients: readonly RegisteredClient[]; redirectUri: string | null },
): Problem {
  if (!clientId) return { page: 'The client_id is missing' }
  const known = clients.map((client) => client.clientId).join(', ')
  const page = `The client_id "${shown(clientId)}" is not registered; there are: ${known}`
  const isUsable = redirectUri !== null && isRedirectUri(redirectUri) && !clientId.includes('=')
  return { page, ...(isUsable ? flagFor('client', `${clientId}=${redirectUri}`) : {}) }
}

/** The client is known, but not this address of it. */
export function unknownRedirectUri({ clientId }: RegisteredClient, uri: string): Problem {
  if (uri === '') return { page: 'The redirect_uri is missing' }
  const page = `The redirect_uri ${shown(uri)} is not registered for the client ${clientId}`
  if (!isRedirectUri(uri)) return { page }
  // The default client stays as it is beside the flag.
  const flag = clientId === 'app' ? flagFor('app', uri) : flagFor('client', `${clientId}=${uri}`)
  return { page, ...flag }
}

/** The same for where a logout leads to. */
export function unknownReturnUri({ clientId }: RegisteredClient, uri: string): Problem {
  const page = `The post_logout_redirect_uri ${shown(uri)} is not registered for the client ${clientId}`
  return { page, ...(isWeb(uri) ? flagFor('post-logout', uri) : {}) }
}

/**
 * Shows a problem in the browser, and in the terminal: a page in a hidden frame is seen by nobody.
 */
export function problemPage({ brand, log }: Configuration, { page, flag }: Problem): Response {
  log(flag === undefined ? page : `${page}: ${flag}`)
  const code = flag === undefined ? '' : `<code>${escapeHtml(flag)}</code>`
  const content =
    code && `<p>To let it in, start the server with ${code}, or register it there.</p>`
  return errorPage(page, { brand, content })
}
