// Makes the server slow or out of reach, or its cookies blocked, for whoever wants to see what a
// renewal does then.
import { auth } from '../auth.js'
import { byId } from '../dom.js'
import { onPress } from '../problem.js'
import { control } from './control.js'
import { readSettings } from '../settings.js'
import { tell } from './outcome.js'

const SLOW_MS = 3000
const switches = [
  {
    id: 'slow',
    name: 'delay',
    told: { ms: SLOW_MS },
    endpoints: ['authorize', 'token'],
    titles: [
      'The server is quick again',
      `The server waits ${SLOW_MS / 1000} s before each answer`,
    ],
  },
  {
    id: 'down',
    name: 'drop',
    endpoints: ['discovery', 'jwks', 'authorize', 'token'],
    titles: ['The server is reached again', 'The server is out of reach'],
  },
]

export function startConditions() {
  byId('lose-refresh').disabled = readSettings().renewBy !== 'refresh'
  onPress('lose-refresh', loseRefresh)
  for (const each of switches) onPress(each.id, () => toggle(each))
  // Another tab may have changed them.
  addEventListener('focus', () => void showSwitches())
  startOtherSite()
  void showSwitches()
}

async function toggle({ id, name, told, endpoints, titles }) {
  const isOn = byId(id).getAttribute('aria-checked') !== 'true'
  const add = { op: 'addFault', name, ...told, times: Number.MAX_SAFE_INTEGER }
  const change = isOn ? add : { op: 'clearFaults', name }
  await Promise.all(endpoints.map((endpoint) => control({ ...change, endpoint })))
  tell(titles[Number(isOn)])
  await showSwitches()
}

/**
 * The server does its work, and its answer is lost: nobody knows whether the refresh token is still
 * good.
 */
async function loseRefresh() {
  const lost = { op: 'addFault', name: 'drop', endpoint: 'token', afterProcessing: true, times: 1 }
  await control(lost)
  tell('The next refresh loses its answer: the refresh token is in doubt then')
  await auth.getTokenSilently({ cacheMode: 'off' })
}

/** As the server has them: they outlive this page. */
async function showSwitches() {
  const { faults } = await control({ op: 'snapshot' }).catch(() => ({ faults: [] }))
  for (const { id, name } of switches) {
    const isOn = faults.some((fault) => fault.name === name)
    byId(id).setAttribute('aria-checked', String(isOn))
  }
}

/** The same files under another host: to the browser it is another site than the server's. */
function startOtherSite() {
  const link = byId('other-site')
  const isOther = location.hostname !== 'localhost'
  const url = new URL('/', location.href)
  url.hostname = isOther ? 'localhost' : '127.0.0.1'
  link.href = url.href
  if (!isOther) return
  link.textContent = 'Back to the server’s own site'
  byId('other-site-note').textContent =
    'cookies are blocked here: a reload signs out, unless the page redirects, or a refresh token is kept in localStorage or IndexedDB'
}
