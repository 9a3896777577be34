import type { WholeFetch, WholeResponse } from '../../src/protocol/discovery.ts'

/** A response as the boundary to the network hands it on. */
export async function whole(response: Response): Promise<WholeResponse> {
  const { status, headers } = response
  const bodyText = await response.text()
  return Object.assign(new Response(bodyText || null, { status, headers }), { bodyText })
}

/** A `fetch` of a test as the library's own code has it. */
export const wholeFetch =
  (send: (url: string, init?: RequestInit) => Promise<Response>): WholeFetch =>
  async (url, init) =>
    whole(await send(url, init))
