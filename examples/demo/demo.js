// Everything that this app does with Sotto; the other files draw, remember the settings, and count the requests.
import { createAuthClient, indexedDbStorage, isAuthError, memoryStorage, webStorage } from 'sotto'
import { countRequests, noticedFetch, onRequest } from './requests.js'
import { readSettings, watchSettings } from './settings.js'
import * as view from './view.js'

const issuer = document.querySelector('meta[name=issuer]').content
const settings = readSettings()
const storages = {
  memory: memoryStorage,
  localStorage: () => webStorage(() => localStorage),
  indexedDB: indexedDbStorage,
}

const auth = createAuthClient({
  issuer,
  clientId: 'demo',
  redirectUri: '/callback',
  postLogoutRedirectUri: '/',
  tokenStorage: storages[settings.storage](),
  onLoginRequired: settings.onLoginRequired,
  fetch: noticedFetch,
})

auth.subscribe(() => view.showSession(auth.getSnapshot()))
auth.on('session', ({ status, user }) => {
  view.log('session', user ? `${status} as ${user.name}` : status)
  if (!user) view.forgetToken()
})
auth.on('token', ({ expiresAt }) => {
  const seconds = Math.round((expiresAt - Date.now()) / 1000)
  view.log('token', `a new one, good for ${seconds} s`)
})
auth.on('renewal', ({ outcome, durationMs, error }) => {
  const end = `${outcome} after ${view.milliseconds(durationMs)}`
  view.log('renewal', error ? `${end}: ${error}` : end)
})
auth.on('warning', ({ code, reason }) => view.log('warning', reason ? `${code}: ${reason}` : code))
onRequest((request) => view.log('request', request))

/** Gets a token, and says where it came from. */
async function getToken(cacheMode) {
  const requests = countRequests()
  const before = performance.now()
  await auth.getTokenSilently({ cacheMode })
  const took = view.milliseconds(performance.now() - before)
  const source = requests.length > 0 ? 'Renewed silently' : 'From the cache'
  view.showOutcome(`${source} in ${took}, ${requests.length} requests`, requests)
}

/** Replaces the token by one that ends in a moment. */
async function expireToken() {
  await controlServer({ op: 'setLives', accessTokenSeconds: 3 })
  try {
    await auth.getTokenSilently({ cacheMode: 'off' })
  } finally {
    await controlServer({ op: 'setLives', accessTokenSeconds: 60 })
  }
  view.log('demo', 'the token ends in 3 s')
}

/** Ends the session without a word to this app, as a time limit, an administrator or another app's logout does. */
async function endSession() {
  await controlServer({ op: 'endSessions' })
  view.log('demo', 'the server has ended the session, and tells nobody')
}

/** Tells the mock server what to do; no real server has this. */
async function controlServer(operation) {
  const response = await fetch(`${issuer}/control`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(operation),
  })
  if (!response.ok) throw new Error((await response.json()).error)
}

/** Runs what a button is for, and shows what goes wrong; says whether it went well. */
async function attempt(action) {
  view.hideProblem()
  try {
    await action()
    return true
  } catch (error) {
    if (!isAuthError(error)) throw error
    await view.showProblem(error)
    return false
  }
}

/** Finishes a login if this page load is the way back from one, else restores the session. */
async function start() {
  const { error } = await auth.start({
    onCallback({ returnTo, user }) {
      history.replaceState(null, '', returnTo ?? '/')
      view.log('demo', `${user.name} is back from the server at ${location.href}`)
    },
  })
  if (error?.returnTo) history.replaceState(null, '', error.returnTo)
  if (error) throw error
}

view.showIssuer(issuer)
view.showSession(auth.getSnapshot())
view.onClick('sign-in', () => attempt(() => auth.loginWithRedirect()))
view.onClick('problem-sign-in', () => attempt(() => auth.loginWithRedirect()))
view.onClick('sign-out', () => attempt(() => auth.logout()))
view.onClick('get-token', () => attempt(() => getToken('on')))
view.onClick('renew', () => attempt(() => getToken('off')))
view.onClick('end-session', () => attempt(endSession))
view.onClick('expire', () => attempt(expireToken))
view.pollWith(() => attempt(() => getToken('on')))
watchSettings(settings, () => location.reload())
await attempt(start)

// A call that is answered from the cache does no I/O: the page may ask as often as it likes.
setInterval(async () => {
  view.showLife(await auth.getTokenSilently({ cacheMode: 'cache-only', detailed: true }))
}, 250)
