// Calls of the orders API.
import { isAuthError } from 'sotto'
import { authFetch } from './auth.js'
import { api } from './config.js'

/** An answer that is not what was asked for. */
export class ApiError extends Error {
  constructor(status) {
    super(`orders API: ${status}`)
    this.status = status
  }
}

async function call(path, init) {
  const response = await authFetch(api + path, init).catch((error) => {
    throw isAuthError(error) ? error : new ApiError('no answer')
  })
  if (!response.ok) throw new ApiError(response.status)
  return response.json()
}

export async function getOrders() {
  const { orders } = await call('/orders')
  return orders
}

export function placeOrder(lines) {
  return call('/orders', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      items: lines.map(({ product, quantity }) => ({ id: product.id, quantity })),
    }),
  })
}
