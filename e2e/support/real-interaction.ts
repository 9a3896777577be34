import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Interaction, Provider } from 'oidc-provider'

/** Whoever logs in under this name refuses. */
export const REFUSING_USER = 'nobody'

/** Logs in and consents in one step: the user that was named, or that the form asks for. */
export async function interact(
  provider: Provider,
  named: string | null,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { params } = await provider.interactionDetails(request, response)
  const user = named ?? params.login_hint
  if (!user) return sendLoginForm(response)
  const result =
    user === REFUSING_USER
      ? { error: 'access_denied', error_description: 'the user has refused' }
      : { login: { accountId: user }, consent: { grantId: await grant(provider, user, params) } }
  return provider.interactionFinished(request, response, result)
}

function grant(
  provider: Provider,
  accountId: string,
  { client_id: clientId = '', scope = '' }: Interaction['params'],
): Promise<string> {
  const granted = new provider.Grant({ accountId, clientId })
  granted.addOIDCScope(scope)
  return granted.save()
}

/** With the labels of the mock server's page, so that the same steps log in. */
function sendLoginForm(response: ServerResponse): void {
  response.setHeader('content-type', 'text/html; charset=utf-8')
  response.end(`<!doctype html>
<title>Log in</title>
<link rel="icon" href="data:,">
<form>
<label>User name <input name="user"></label>
<label>Password <input type="password"></label>
<button>Log in</button>
</form>`)
}
