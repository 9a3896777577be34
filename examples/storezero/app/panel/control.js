// Looks into the mock server and changes it, through an endpoint that no real server has: only
// because this is a demo.
import { issuer } from '../config.js'

/** Runs one operation, at the authorization server unless told, and resolves with its result. */
export async function control(operation, server = issuer) {
  const response = await fetch(`${server}/control`, {
    method: 'POST',
    // Any other type is refused: a page of another origin could send it unasked.
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(operation),
  })
  const { result, error } = await response.json()
  if (!response.ok) throw new Error(error)
  return result
}
