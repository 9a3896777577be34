// What was chosen in the panel. In localStorage, because a login comes back to another URL, and for
// the second tab.
const KEY = 'storezero:settings'
const defaults = {
  storage: 'memory',
  onLoginRequired: 'ask',
  renewBy: 'frame',
  renewal: 'asked',
  signInBy: 'page',
}

export function readSettings() {
  return { ...defaults, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') }
}

/**
 * Remembers a change. What the storage that is no longer used holds of the session is not left
 * behind.
 */
export function changeSetting(name, value) {
  const settings = readSettings()
  if (name === 'storage') forgetRecord(settings.storage)
  localStorage.setItem(KEY, JSON.stringify({ ...settings, [name]: value }))
}

function forgetRecord(storage) {
  if (storage === 'indexedDB') indexedDB.deleteDatabase('sotto')
  if (storage !== 'localStorage') return
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith('sotto:session ')) localStorage.removeItem(key)
  }
}
