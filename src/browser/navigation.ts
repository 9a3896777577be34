/**
 * Leaves the page; resolves only if it is still there after all: shown again from the back/forward
 * cache.
 *
 * @param isReplaced whether Back must not lead to it
 */
export function leavePage(url: URL, isReplaced: boolean): Promise<void> {
  return new Promise((resolve) => {
    addEventListener('pageshow', function returned({ persisted }) {
      if (!persisted) return
      removeEventListener('pageshow', returned)
      resolve()
    })
    if (isReplaced) location.replace(url)
    else location.assign(url)
  })
}
