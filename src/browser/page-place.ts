import { ownFields } from '../protocol/without-prototype.ts'
import { tryOrUndefined } from './try-or-undefined.ts'

/** What a reload keeps of a page besides its address, and a redirect that comes back does not. */
interface PagePlace {
  readonly url: string
  readonly x: number
  readonly y: number
  readonly state: unknown
}

type PlaceStorage = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>

const KEY = 'sotto:place'
/** For how long an app may build the page up, in milliseconds. */
const PATIENCE_MS = 3000

/** Notes where the user is. Where the storage is blocked, nothing is noted. */
export function notePlace(open: () => PlaceStorage): void {
  // An app that has shown nothing yet cannot be scrolled: after a reload the note of the page
  // before it says where the user was.
  const [entry] = performance.getEntriesByType?.('navigation') ?? []
  const isReload = (entry as PerformanceNavigationTiming | undefined)?.type === 'reload'
  const before = isReload && !scrollY ? read(open) : undefined
  const { x, y } = before?.url === location.href ? before : { x: scrollX, y: scrollY }
  const place = { url: location.href, x, y, state: history.state as unknown }
  tryOrUndefined(() => open().setItem(KEY, JSON.stringify(place)))
}

/** The note, if it is of this address. It is given out once. */
export function takePlace(open: () => PlaceStorage, url: string): PagePlace | undefined {
  const place = read(open)
  forgetPlace(open)
  return place?.url === url ? place : undefined
}

export function forgetPlace(open: () => PlaceStorage): void {
  tryOrUndefined(() => open().removeItem(KEY))
}

/** Scrolls there, as soon as the page is long enough, unless the user does something first. */
export function scrollBack({ x, y }: Pick<PagePlace, 'x' | 'y'>): void {
  // Routers that see to it themselves say so.
  if (!y || history.scrollRestoration === 'manual') return
  const end = performance.now() + PATIENCE_MS
  let isOver = false
  const inputs = ['wheel', 'touchstart', 'keydown', 'pointerdown']
  const stop = (): void => {
    isOver = true
    for (const type of inputs) removeEventListener(type, stop)
  }
  const passive = ownFields({ passive: true })
  for (const type of inputs) addEventListener(type, stop, passive)
  const step = (): void => {
    if (isOver) return
    scrollTo(x, y)
    if (Math.abs(scrollY - y) < 2 || performance.now() > end) stop()
    else requestAnimationFrame(step)
  }
  step()
}

/** Other scripts of the origin can write there too. */
function read(open: () => PlaceStorage): PagePlace | undefined {
  const place = ownFields<Partial<PagePlace>>(
    tryOrUndefined(() => JSON.parse(open().getItem(KEY)!) as unknown),
  )
  return Number.isFinite(place.x) && Number.isFinite(place.y) ? (place as PagePlace) : undefined
}
