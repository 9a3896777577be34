import type { Storezero } from '../../examples/storezero/serve.mjs'

const VERIFIER = 'a-code-verifier-of-a-test-that-is-long-enough-for-a-server'

async function codeChallenge(): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(VERIFIER))
  return Buffer.from(hash).toString('base64url')
}

/** An access token of the shop's authorization server, for whatever is asked. */
export async function issueAccessToken(
  { control, issuer, origin }: Storezero,
  { audience, scope }: { readonly audience: string; readonly scope: string },
): Promise<string> {
  const client = { client_id: 'storezero', redirect_uri: `${origin}/callback` }
  const asked = new URLSearchParams({
    ...client,
    audience,
    scope,
    response_type: 'code',
    state: 's',
    nonce: 'n',
    code_challenge: await codeChallenge(),
    code_challenge_method: 'S256',
  })
  const outcome = control.authorize({ url: `${issuer}/authorize?${asked}`, user: 'alice' })
  if (!('location' in outcome)) throw new Error('no redirect')
  const code = new URL(outcome.location).searchParams.get('code') ?? ''
  const response = await fetch(`${issuer}/token`, {
    method: 'POST',
    headers: { origin },
    body: new URLSearchParams({
      ...client,
      code,
      grant_type: 'authorization_code',
      code_verifier: VERIFIER,
    }),
  })
  const { access_token: token } = (await response.json()) as { readonly access_token: string }
  return token
}
