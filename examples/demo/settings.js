// What was chosen on the page. In localStorage, because a login comes back to another URL, and for the second tab.
const KEY = 'demo:settings'
const defaults = { storage: 'memory', onLoginRequired: 'redirect' }

export function readSettings() {
  return { ...defaults, ...JSON.parse(localStorage.getItem(KEY) ?? '{}') }
}

/** Shows the settings, remembers changes, and then calls back. */
export function watchSettings(settings, onChange) {
  for (const input of document.querySelectorAll('input[type=radio]')) {
    input.checked = settings[input.name] === input.value
    input.addEventListener('change', () => {
      localStorage.setItem(KEY, JSON.stringify({ ...settings, [input.name]: input.value }))
      if (input.name === 'storage') forgetRecord(settings.storage)
      onChange()
    })
  }
}

/** What the storage that is no longer used holds of the session is not left behind. */
function forgetRecord(storage) {
  if (storage === 'indexedDB') indexedDB.deleteDatabase('sotto')
  if (storage !== 'localStorage') return
  for (const key of Object.keys(localStorage)) {
    if (key.startsWith('sotto:session ')) localStorage.removeItem(key)
  }
}
