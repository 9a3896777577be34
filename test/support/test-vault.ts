import { createVault } from '../../src/worker/vault.ts'

export const TOKEN_URL = 'https://login.example.com/token'
export const REVOCATION_URL = 'https://login.example.com/revoke'
export const ELSEWHERE = 'https://attacker.example/collect'

export interface Sent {
  readonly url: string
  readonly form: Readonly<Record<string, string>>
  readonly init: RequestInit
}

export interface Answer {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly text: string
}

export type Answering = (form: Sent['form']) => Response | Promise<Response>

/** A vault, what it has sent, and what is said to it. */
export function createTestVault(answering: Answering = rotate()) {
  const sent: Sent[] = []
  const vault = createVault(async (url, init = {}) => {
    const form = Object.fromEntries(init.body as URLSearchParams)
    sent.push({ url: String(url), form, init })
    return answering(form)
  })
  const send = async (
    form: Readonly<Record<string, string>> | [string, string][],
    more: object = {},
  ): Promise<Answer> => {
    const text = new URLSearchParams(form).toString()
    const own = { verb: 'send', url: TOKEN_URL, form: text, revocationEndpoint: REVOCATION_URL }
    return (await vault({ ...own, ...more })) as Answer
  }
  const logIn = async (): Promise<string> => handleIn(await send(LOGIN))
  return { vault, sent, send, logIn }
}

export const LOGIN = { client_id: 'app', grant_type: 'authorization_code', code: 'the-code' }

export const refreshOf = (handle: string) => ({
  client_id: 'app',
  grant_type: 'refresh_token',
  refresh_token: handle,
})

export const revocationOf = (handle: string) => ({ client_id: 'app', token: handle })

/** Answers with the refresh tokens `secret-1`, `secret-2`, … */
export function rotate(more: object = {}): Answering {
  let count = 0
  return () =>
    Response.json({ access_token: 'access', refresh_token: `secret-${++count}`, ...more })
}

export const bodyOf = ({ text }: Answer) => JSON.parse(text) as Readonly<Record<string, string>>
export const handleIn = (answer: Answer): string => bodyOf(answer)['refresh_token'] ?? ''
