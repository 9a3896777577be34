import { createAuthFetch, type AuthFetchOptions } from 'sotto'
import { vi } from 'vitest'
import { createClient, type TestClient } from './flow-client.ts'

export const API = 'https://api.example.com'

/** A page as far as an API is called from one. */
export function stubPage(): void {
  vi.stubGlobal('document', { visibilityState: 'visible', addEventListener() {} })
  vi.stubGlobal('location', new URL('http://localhost:3000/'))
  vi.stubGlobal('addEventListener', () => {})
}

export interface SeenRequest {
  readonly url: string
  readonly authorization: string | null
  readonly redirect: string
  readonly body: string
}

export type ApiAnswer = (authorization: string | null) => Response

export interface ApiClient extends TestClient {
  readonly authFetch: typeof fetch
  readonly seen: SeenRequest[]
}

/** An API that answers by script, then with 200; and a client whose tokens it is called with. */
export function createApi(
  options: Partial<AuthFetchOptions> = {},
  ...answers: ApiAnswer[]
): ApiClient {
  const seen: SeenRequest[] = []
  const send = async (input: RequestInfo | URL, init?: RequestInit): Promise<Response> => {
    const request = new Request(input, init)
    const authorization = request.headers.get('authorization')
    const { url, redirect } = request
    seen.push({ url, authorization, redirect, body: await request.text() })
    return answers.shift()?.(authorization) ?? new Response('orders')
  }
  const client = createClient()
  const authFetch = createAuthFetch(client.auth, {
    allowedOrigins: [API],
    fetch: send,
    ...options,
  })
  return { ...client, authFetch, seen }
}

export const bearer = (token: string): string => `Bearer ${token}`
