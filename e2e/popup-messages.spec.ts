// What is handed over from a popup, by whom and to whom (RFC 9700, section 4.17).
import {
  expect,
  lastState,
  outcomeIn,
  serveStartingApp,
  signInThere,
  test,
} from './support/popup.ts'

const html = { 'content-type': 'text/html' }

// covers fault:popup-refused
test('tells what the server says, with the appState', async ({
  page,
  pair,
  openApp,
  beginLogin,
}) => {
  await openApp()
  pair.control.addFault({
    endpoint: 'authorize',
    name: 'authorizationResponse',
    set: { error: 'access_denied', error_description: 'Not you.' },
    remove: ['code'],
  })
  await signInThere(await beginLogin({ appState: { cart: 3 } }))
  const error = await outcomeIn(page)
  expect(error).toMatchObject({ code: 'access_denied' })
  expect(pair.control.requests({ endpoint: 'token' })).toEqual([])
})

// covers fault:popup-refused
test('holds the response against its issuer, as one by redirect', async ({
  page,
  pair,
  openApp,
  beginLogin,
}) => {
  await openApp()
  const set = { iss: 'https://login.hostile.example' }
  pair.control.addFault({ endpoint: 'authorize', name: 'authorizationResponse', set })
  await signInThere(await beginLogin())
  expect(await outcomeIn(page)).toMatchObject({ code: 'issuer_mismatch' })
  expect(pair.control.requests({ endpoint: 'token' })).toEqual([])
})

// covers threat:popup-messages fault:popup-forged
test(
  'ignores messages of another origin, and of its own with another state',
  { tag: '@core' },
  async ({ page, pair, openLogin }) => {
    pair.hostile.respondWith('/echo', {
      headers: html,
      body: "<script>onmessage = ({ data }) => parent.postMessage(data, '*')</script>",
    })
    const popup = await openLogin()
    const response = (state: string) =>
      `${pair.app.origin}/silent.html?${new URLSearchParams({ code: 'forged', state, iss: pair.issuer })}`
    const state = lastState(pair)
    expect(state).toMatch(/^\w+\.p\.[\w-]{43}$/)
    await page.evaluate(
      async ([echo, right, wrong, name]) => {
        const frame = document.createElement('iframe')
        frame.dataset['test'] = ''
        frame.src = echo
        const loaded = new Promise((resolve) => frame.addEventListener('load', resolve))
        document.body.append(frame)
        await loaded
        const heard = new Promise((resolve) => addEventListener('message', resolve, { once: true }))
        const type = 'sotto:callback'
        frame.contentWindow?.postMessage({ type, href: right }, '*')
        await heard
        // What a script makes is no message of a window.
        const forged = { data: { type, href: right }, origin: location.origin }
        dispatchEvent(new MessageEvent('message', forged))
        const channel = new BroadcastChannel(`sotto:${name}`)
        const hostile = [
          { type, href: wrong },
          { type, href: right.replace('/silent.html', '/elsewhere') },
          { type, href: [right] },
          { type: 'other', href: right },
          { __proto__: { type, href: right } },
          null,
          right,
        ]
        for (const data of hostile) {
          postMessage(data, '*')
          channel.postMessage(data)
        }
        channel.close()
        await new Promise((resolve) => setTimeout(resolve, 200))
      },
      [`${pair.hostile.origin}/echo`, response(state), response(`${state}x`), state] as const,
    )
    await signInThere(popup)
    expect(await outcomeIn(page)).toMatchObject({ value: { user: { sub: 'alice' } } })
    const codes = pair.control
      .requests({ endpoint: 'token' })
      .map(({ parameters }) => parameters['code'])
    expect(codes).toHaveLength(1)
    expect(codes).not.toContain('forged')
  },
)

// covers fault:popup-forged
test('a code that the server has not given to this request signs nobody in', async ({
  page,
  pair,
  openLogin,
}) => {
  await openLogin()
  const state = lastState(pair)
  const query = new URLSearchParams({ code: 'forged', state, iss: pair.issuer })
  await page.evaluate(
    (href) => postMessage({ type: 'sotto:callback', href }, '*'),
    `${pair.app.origin}/silent.html?${query}`,
  )
  expect(await outcomeIn(page)).toMatchObject({ code: 'token_error' })
  expect(await page.evaluate(() => auth.getSnapshot().status)).not.toBe('authenticated')
})

// covers threat:popup-messages spec:popup-hand-over
test('the page in the popup tells nobody of another origin, and keeps no response in its address', async ({
  page,
  pair,
  openApp,
  beginLogin,
}) => {
  serveStartingApp(pair)
  await openApp()
  const own = await beginLogin()
  await own.getByLabel('User name').waitFor()
  const state = lastState(pair).replace(/[^.]+$/, 'some-state')
  await page.goto(pair.hostile.origin)
  for (const path of ['/silent.html', '/callback']) {
    const address = `${pair.app.origin}${path}?code=some-code&state=${state}`
    const popup = page.waitForEvent('popup')
    const heard = await page.evaluate(async (src) => {
      const data: unknown[] = []
      const take = (event: MessageEvent) => data.push(event.data)
      addEventListener('message', take)
      open(src)
      await new Promise((resolve) => setTimeout(resolve, 1500))
      removeEventListener('message', take)
      return data
    }, address)
    expect(heard).toEqual([])
    const opened = await popup
    expect(opened.isClosed()).toBe(true)
  }
})
