import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { createCertificate } from '../../support/certificate.ts'
import { startScriptServer } from '../script-server.ts'
import { type Server, USER } from '../server.ts'

export const auth0Simulator: Server = {
  name: 'auth0-simulator',
  title: 'Auth0 simulator (@simulacrum)',
  from: 'npm',
  packages: ['@simulacrum/auth0-simulator'],
  start: (folder, appOrigin) => {
    putCertificate(join(folder, '.simulacrum/certs'))
    return startScriptServer({
      script: new URL('serve.mjs', import.meta.url),
      issuerAt: (port) => `https://localhost:${port}/`,
      env: { HOME: folder },
    })(folder, appOrigin)
  },
  loginForm: '#password',
  logIn,
  expected: {
    silent: 'web_message',
    sessionOver: 'silent_blocked (no_answer), then interaction_required (no_answer_after_success)',
    logout: 'only here, asks again',
  },
  note: 'Without a session its answer is a page with status 500. It has no logout in its metadata, and always shows its login page.',
}

/** Where it looks for one, in the home folder. */
function putCertificate(folder: string): void {
  const { key, cert } = createCertificate(['localhost'])
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'localhost-key.pem'), key)
  writeFileSync(join(folder, 'localhost.pem'), cert)
}

/** Does what the script of its page does, which comes from Auth0's servers. */
function logIn(page: Page): Promise<void> {
  return page.evaluate(async ({ email, password }) => {
    const { redirect_uri, client, state, nonce, scope } = Object.fromEntries(
      new URLSearchParams(location.search),
    )
    const answer = await fetch('/usernamepassword/login', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ username: email, password, redirect_uri, client_id: client, state, nonce, scope },
        ...{ response_type: 'code', connection: 'Username-Password-Authentication' },
      }),
    })
    document.body.innerHTML = await answer.text()
    document.forms[0]?.submit()
  }, USER)
}
