import { readable } from 'svelte/store'

/** The address, in place of a router: `start` tells of the one that it leads to by a `popstate`. */
export const place = readable('', (set) => {
  const look = (): void => set(location.pathname)
  look()
  addEventListener('popstate', look)
  return () => removeEventListener('popstate', look)
})

/** Follows a link without leaving the page. */
export function follow(event: MouseEvent): void {
  event.preventDefault()
  history.pushState(null, '', (event.currentTarget as HTMLAnchorElement).href)
  dispatchEvent(new PopStateEvent('popstate'))
}
