// Files share a process, and the configuration undoes only what the test before did: what the last
// test of a file replaced would still be there while the next file is loaded.
import { afterAll, vi } from 'vitest'

afterAll(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
  vi.useRealTimers()
  // What a page of the last test has stored; there is none in Node.
  globalThis.localStorage?.clear()
  globalThis.sessionStorage?.clear()
})
