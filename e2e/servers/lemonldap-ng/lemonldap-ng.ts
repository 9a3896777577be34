import { startScriptServer } from '../script-server.ts'
import type { Server } from '../server.ts'

export const lemonLdapNg: Server = {
  name: 'lemonldap-ng',
  title: 'LemonLDAP::NG',
  from: 'debian',
  packages: [
    ...['liblemonldap-ng-portal-perl', 'lemonldap-ng-fastcgi-server', 'libgd-securityimage-perl'],
    ...['libimage-magick-perl', 'libstring-random-perl', 'libio-string-perl'],
  ],
  start: startScriptServer({
    script: new URL('serve.pl', import.meta.url),
    command: '/usr/bin/perl',
  }),
  loginForm: 'input[name=password]',
  logIn: async (page) => {
    // One of the users of its demonstration.
    await page.locator('input[name=user]').fill('dwho')
    await page.locator('input[name=password]').fill('dwho')
    await page.locator('button[type=submit]').first().click()
  },
  expected: {
    claims: 'ID token: neither; UserInfo: name, email',
    refresh: 'stays the same',
    sessionOver: 'silent_blocked (no_answer), then interaction_required (no_answer_after_success)',
  },
  note: 'Without a session it shows its login page, which cannot be framed. Name and e-mail are in UserInfo only: `userInfo: mergeUserInfo()`. No revocation endpoint.',
  confirmLogout: (page) => page.locator('button[type=submit]').first().click(),
}
