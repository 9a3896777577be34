import type { SeenRequest, Fault } from 'sotto/testing'
import { createClient, createServer, type TestClient } from './flow-client.ts'

export interface UserInfoPage extends TestClient {
  /** What was sent to the UserInfo endpoint. */
  readonly sent: readonly { readonly url: string; readonly init: RequestInit | undefined }[]
  /** What has arrived there. */
  asked(): readonly SeenRequest[]
}

/** A page after a login of alice. */
export async function logInForUserInfo(fault?: Fault): Promise<UserInfoPage> {
  const server = createServer()
  const sent: UserInfoPage['sent'][number][] = []
  const watch: typeof fetch = (url, init) => {
    if (String(url).includes('/userinfo')) sent.push({ url: String(url), init })
    return server.fetch(url, init)
  }
  const page = createClient({ fetch: watch }, { server })
  await page.logIn()
  if (fault) server.control.addFault(fault)
  return { ...page, sent, asked: () => server.control.requests({ endpoint: 'userinfo' }) }
}

/** An answer of the UserInfo endpoint. */
export const answer = (body: string, contentType = 'application/json', status = 200): Fault => ({
  endpoint: 'userinfo',
  name: 'status',
  status,
  body,
  contentType,
})
