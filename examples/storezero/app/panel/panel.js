// The session panel: what a shop would not show, for whoever wants to see how it is done.
import { auth } from '../auth.js'
import { accountPage, provider } from '../config.js'
import { byId } from '../dom.js'
import { onPress } from '../problem.js'
import { signOut } from '../session.js'
import { changeSetting, readSettings } from '../settings.js'
import { startConditions } from './conditions.js'
import { control } from './control.js'
import { startDevtools } from './devtools.js'
import { tell } from './outcome.js'
import { showSessions, startSessions } from './sessions.js'
import { startToken } from './token.js'

const OPEN_KEY = 'storezero:panel'
const WIDE = '(min-width: 64rem)'
const notes = {
  memory: 'A reload asks the server. Scripts of this page can read the tokens.',
  localStorage: 'A reload asks nobody. Every script of this origin can read the tokens.',
  indexedDB: 'A reload asks nobody. Every script of this origin can read the tokens.',
  frame: 'Two requests. It needs the server’s cookies.',
  refresh: 'One request, and no cookies; a hidden frame where that fails.',
  redirect: 'A hidden frame; where that fails as a page is loaded, a redirect of the page.',
}

export function startPanel() {
  startToggle()
  startSessions()
  startToken()
  startConditions()
  startDevtools()
  startSettings()
  auth.on('session', showButtons)
  onPress('end-session', endSession)
  onPress('end-provider-session', endProviderSession)
  onPress('change-password', changePassword)
  byId('account').href = accountPage
  onPress('panel-sign-out', signOut)
  showButtons()
}

function showButtons() {
  const { user } = auth.getSnapshot()
  for (const id of ['panel-sign-out', 'expire']) byId(id).disabled = !user
  // Who signs in with an identity provider has no password here.
  byId('change-password').disabled = !user || user.sub.includes('|')
  byId('who-hint').hidden = Boolean(user)
}

async function endSession() {
  await control({ op: 'endSessions' })
  tell(
    'The server has ended the session, and tells nobody: now renew, or wait until the token ends',
  )
  showSessions()
}

async function endProviderSession() {
  await control({ op: 'endSessions' }, provider)
  tell('The identity provider has ended its session: the others go on')
  showSessions()
}

/** The new one is said, so that somebody can sign in with it. */
async function changePassword() {
  const { sub } = auth.getSnapshot().user
  const password = `${sub}-2`
  await control({ op: 'changePassword', user: sub, password })
  tell(`The password is now ${password}, and the sessions have ended: now renew`)
  showSessions()
}

/** Beside the shop where there is room, else a sheet at the bottom that is drawn up. */
function startToggle() {
  const toggle = byId('panel-toggle')
  const setOpen = (isOpen) => {
    toggle.setAttribute('aria-expanded', String(isOpen))
    document.body.toggleAttribute('data-panel', isOpen)
  }
  const remembered = sessionStorage.getItem(OPEN_KEY)
  setOpen(remembered === null ? matchMedia(WIDE).matches : remembered === 'true')
  toggle.addEventListener('click', () => {
    const isOpen = toggle.getAttribute('aria-expanded') !== 'true'
    sessionStorage.setItem(OPEN_KEY, String(isOpen))
    setOpen(isOpen)
  })
  addEventListener('keydown', ({ key }) => {
    const isSheet = !matchMedia(WIDE).matches
    if (key !== 'Escape' || !isSheet || document.querySelector('dialog[open]')) return
    if (byId('panel-content').contains(document.activeElement)) toggle.focus()
    setOpen(false)
  })
}

function startSettings() {
  const settings = readSettings()
  for (const name of ['storage', 'renewBy']) {
    byId(`${name}-note`).textContent = notes[settings[name]]
  }
  for (const input of document.querySelectorAll('input[type=radio]')) {
    input.checked = settings[input.name] === input.value
    input.addEventListener('change', () => {
      changeSetting(input.name, input.value)
      location.reload()
    })
  }
}
