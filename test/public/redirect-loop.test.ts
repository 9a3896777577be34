// @vitest-environment happy-dom
import { beforeEach, expect, test } from 'vitest'
import { createClient, passTime, preparePage, reload } from '../support/flow-client.ts'
import { createRenewal, loginRequired } from '../support/flow-tokens.ts'

beforeEach(preparePage)

test('counts the redirects of the pages before, also where each brought a token', async () => {
  let page = createClient(
    { onLoginRequired: 'redirect' },
    { renewal: createRenewal(loginRequired()) },
  )
  for (const scope of ['a', 'b', 'c']) {
    const asked = page.auth.getTokenSilently({ scope })
    await expect(asked).rejects.toMatchObject({ code: 'login_required' })
    const url = page.answer('alice')
    page = reload(page, { onLoginRequired: 'redirect' })
    await page.auth.handleRedirectCallback({ url })
    await passTime(3001)
    page.renewal.answers.push(loginRequired())
  }
  const fourth = page.auth.getTokenSilently({ scope: 'd' })
  await expect(fourth).rejects.toMatchObject({ code: 'redirect_loop' })
  expect(page.visits).toEqual([])
})
