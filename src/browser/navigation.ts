/**
 * Leaves the page; resolves only if it is still there after all: shown again from the back/forward
 * cache.
 */
export function leavePage(url: URL): Promise<void> {
  return new Promise((resolve) => {
    addEventListener('pageshow', function returned({ persisted }) {
      if (!persisted) return
      removeEventListener('pageshow', returned)
      resolve()
    })
    location.assign(url)
  })
}
