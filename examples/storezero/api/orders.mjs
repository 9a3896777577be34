// The orders of each user, in memory.
import { findProduct } from '../app/catalog.js'

const DAY_MS = 86_400_000
const MOST_OF_ONE = 20

/** @param {() => number} now */
export function createOrderBook(now = Date.now) {
  const orders = new Map()
  let lastNumber = 1040

  function create(lines, { placedAt, status }) {
    const items = lines.map(([id, quantity]) => ({ id, quantity, cents: findProduct(id).cents }))
    const cents = items.reduce((sum, item) => sum + item.quantity * item.cents, 0)
    return { number: ++lastNumber, placedAt, status, items, cents }
  }

  /**
   * The orders of a user, newest first; whoever comes for the first time has bought something
   * before.
   */
  function list(sub) {
    if (!orders.has(sub)) {
      const before = (days, status) => ({ placedAt: now() - days * DAY_MS, status })
      const first = create([['stool', 2]], before(41, 'Delivered'))
      const second = create(Object.entries({ cup: 4, kettle: 1 }), before(2, 'On its way'))
      orders.set(sub, [second, first])
    }
    return orders.get(sub)
  }

  return {
    list,
    /**
     * Places an order, or returns undefined where `items` is not a list of products and quantities.
     */
    place(sub, items) {
      const lines = Array.isArray(items) ? items.map((item) => [item?.id, item?.quantity]) : []
      const isOrder = lines.length > 0 && lines.every(isLine)
      if (!isOrder) return undefined
      const order = create(lines, { placedAt: now(), status: 'Placed' })
      orders.set(sub, [order, ...list(sub)])
      return order
    },
  }
}

function isLine([id, quantity]) {
  const isQuantity = Number.isInteger(quantity) && quantity > 0 && quantity <= MOST_OF_ONE
  return findProduct(id) !== undefined && isQuantity
}
