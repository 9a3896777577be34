// Pages by address, with the History API.
import { byId } from './dom.js'

let routes = []

/**
 * @param {[RegExp, (...parts: string[]) => { title: string, content: Node[] }][]} table the last
 * one fits everything
 */
export function setRoutes(table) {
  routes = table
  addEventListener('popstate', () => render())
  addEventListener('click', followLink)
}

/** Shows the page for the current address. */
export function render() {
  const { pathname } = location
  const [pattern, show] = routes.find(([candidate]) => candidate.test(pathname))
  const { title, content } = show(...pattern.exec(pathname).slice(1))
  document.title = title === 'storezero' ? title : `${title} · storezero`
  byId('page').replaceChildren(...content)
  for (const link of document.querySelectorAll('nav a')) {
    if (link.pathname === pathname) link.setAttribute('aria-current', 'page')
    else link.removeAttribute('aria-current')
  }
}

export function navigate(path) {
  history.pushState(null, '', path)
  render()
  scrollTo(0, 0)
  // A screen reader goes on reading in the new page.
  byId('page').focus({ preventScroll: true })
}

function followLink(event) {
  const link = event.target.closest('a[href^="/"]')
  const isOurs = link && !link.target && link.origin === location.origin
  const opensElsewhere = event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0
  if (!isOurs || opensElsewhere || event.defaultPrevented) return
  event.preventDefault()
  navigate(link.pathname)
}
