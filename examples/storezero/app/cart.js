// The cart: in localStorage, so that it outlives the way to the login and back, and other tabs have
// it too.
import { findProduct } from './catalog.js'

const KEY = 'storezero:cart'
export const MOST_OF_ONE = 20
const listeners = new Set()
let quantities = read()

function read() {
  try {
    return new Map(JSON.parse(localStorage.getItem(KEY) ?? '[]').filter(([id]) => findProduct(id)))
  } catch {
    return new Map()
  }
}

const tell = () => listeners.forEach((listener) => listener())

function write() {
  localStorage.setItem(KEY, JSON.stringify([...quantities]))
  tell()
}

addEventListener('storage', ({ key }) => {
  if (key !== KEY) return
  quantities = read()
  tell()
})

export const onCartChange = (listener) => listeners.add(listener)

export function setQuantity(id, quantity) {
  if (quantity > 0) quantities.set(id, Math.min(quantity, MOST_OF_ONE))
  else quantities.delete(id)
  write()
}

export const addToCart = (id) => setQuantity(id, (quantities.get(id) ?? 0) + 1)

export function emptyCart() {
  quantities.clear()
  write()
}

/** What is in the cart, as the pages show it. */
export function readCart() {
  const lines = [...quantities].map(([id, quantity]) => ({ product: findProduct(id), quantity }))
  return {
    lines,
    count: lines.reduce((sum, { quantity }) => sum + quantity, 0),
    cents: lines.reduce((sum, { product, quantity }) => sum + quantity * product.cents, 0),
  }
}
