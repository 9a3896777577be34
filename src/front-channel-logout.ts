// The whole of the page that a server loads in a frame when its session ends, and a module that does
// something when it is loaded: it is no part of an app. Tells the tabs of this origin whose session
// it was; `sessionMonitor` sees whether it is theirs, so that whoever opens this page ends nothing
// without knowing the `sid` (OpenID Connect Front-Channel Logout 1.0, section 2).
const { searchParams } = new URL(location.href)
const [iss = '', sid = ''] = ['iss', 'sid'].map((name) => searchParams.get(name) ?? '')
/** Longer than any that a server makes: a stranger may have opened this page. */
const MAX_LENGTH = 1000

if (iss && sid && iss.length + sid.length < MAX_LENGTH) {
  const notice = { iss, sid }
  // For a page that is opened later. Blocked, or another one's in a frame on another site: then the
  // next question of `sessionMonitor` finds it.
  try {
    localStorage.setItem('sotto:front-channel', JSON.stringify(notice))
  } catch {}
  try {
    const channel = new BroadcastChannel('sotto:front-channel')
    channel.postMessage(notice)
    channel.close()
  } catch {}
}

export {}
