import { auth } from '../auth.js'
import { emptyCart, MOST_OF_ONE, readCart, setQuantity } from '../cart.js'
import { price } from '../catalog.js'
import { h } from '../dom.js'
import { placeOrder } from '../orders.js'
import { navigate, render } from '../router.js'
import { signIn } from '../session.js'
import { say } from '../toast.js'
import { whenPressed } from '../problem.js'

export function cartPage() {
  const { lines, cents } = readCart()
  if (lines.length === 0) return { title: 'Cart', content: [empty()] }
  return {
    title: 'Cart',
    content: [
      h('h1', {}, 'Your cart'),
      h('div', { class: 'cart' }, h('ul', { class: 'lines' }, lines.map(line)), summary(cents)),
    ],
  }
}

const empty = () =>
  h(
    'section',
    { class: 'empty' },
    h('h1', {}, 'Your cart is empty'),
    h('p', {}, 'Which is fine. If you do need something:'),
    h('p', {}, h('a', { class: 'button main', href: '/' }, 'Look at nine things')),
  )

function line({ product, quantity }) {
  const { id, name, cents } = product
  const change = (label, text, to, disabled = false) =>
    h(
      'button',
      {
        'aria-label': `${label}: ${name}`,
        'data-key': `${id} ${text}`,
        disabled,
        onclick: () => setQuantity(id, to),
      },
      text,
    )
  return h(
    'li',
    {},
    h('img', { src: `/art/${id}.svg`, alt: '', width: '400', height: '400' }),
    h('a', { href: `/products/${id}` }, h('b', {}, name), h('small', {}, price(cents))),
    h(
      'div',
      { class: 'stepper', role: 'group', 'aria-label': `Quantity of ${name}` },
      change('One less', '−', quantity - 1),
      h('output', {}, String(quantity)),
      change('One more', '+', quantity + 1, quantity >= MOST_OF_ONE),
    ),
    h('b', { class: 'sum' }, price(cents * quantity)),
  )
}

function summary(cents) {
  const { user } = auth.getSnapshot()
  return h(
    'section',
    { class: 'summary', 'aria-label': 'Summary' },
    h('p', {}, h('span', {}, 'Delivery'), h('span', {}, 'included')),
    h('p', { class: 'total' }, h('span', {}, 'Total'), h('b', {}, price(cents))),
    h(
      'button',
      {
        class: 'main wide',
        onclick: whenPressed(user ? order : signIn),
      },
      user ? 'Place the order' : 'Sign in to order',
    ),
    h(
      'small',
      {},
      user ? `as ${user.name ?? user.sub}` : 'You come back here, and the cart stays as it is.',
    ),
  )
}

async function order() {
  const { number } = await placeOrder(readCart().lines)
  emptyCart()
  navigate('/orders')
  say(`Thank you: order ${number} is placed`)
}

/** Draws the cart again, and keeps the focus on the button that was pressed. */
export function redrawCart() {
  if (location.pathname !== '/cart') return
  const key = document.activeElement?.dataset.key
  render()
  if (key) document.querySelector(`[data-key="${key}"]`)?.focus()
}
