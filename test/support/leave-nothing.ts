// Files share a process and its page, and the configuration undoes only what the test before did:
// what the last test of a file replaced or stored would still be there while the next file is
// loaded.
import { afterAll, vi } from 'vitest'

const { setTimeout, clearTimeout, setInterval, clearInterval } = globalThis
/** What a test may give a property of its own, and what it has of its own before. */
const places: readonly (readonly [object, readonly string[]])[] =
  typeof document === 'undefined'
    ? []
    : [document, navigator, history].map((place) => [place, Object.getOwnPropertyNames(place)])
const address = globalThis.location?.href

afterAll(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
  // A spy on a fake timer puts the fake back when it is restored, after the fakes have gone.
  Object.assign(globalThis, { setTimeout, clearTimeout, setInterval, clearInterval })
  if (typeof document === 'undefined') return
  for (const [place, names] of places)
    for (const name of Object.getOwnPropertyNames(place))
      if (!names.includes(name)) Reflect.deleteProperty(place, name)
  document.body.replaceChildren()
  localStorage.clear()
  sessionStorage.clear()
  history.replaceState(null, '', address)
})
