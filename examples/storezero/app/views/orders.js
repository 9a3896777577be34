import { auth } from '../auth.js'
import { findProduct, price } from '../catalog.js'
import { h } from '../dom.js'
import { getOrders } from '../orders.js'
import { isProblem, problemContent, whenPressed } from '../problem.js'
import { signIn } from '../session.js'

const date = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })

export function ordersPage() {
  const { status } = auth.getSnapshot()
  if (status === 'anonymous' || status === 'error')
    return { title: 'Orders', content: [invitation()] }
  const list = h('div', { class: 'orders', 'aria-busy': 'true' }, skeleton(), skeleton())
  // Until then the first page load may still be looking for the session.
  if (status === 'authenticated') void fill(list)
  return { title: 'Orders', content: [h('h1', {}, 'Your orders'), list] }
}

const invitation = () =>
  h(
    'section',
    { class: 'empty' },
    h('h1', {}, 'Your orders are yours'),
    h('p', {}, 'Sign in to see what you have bought. You come back to this page.'),
    h(
      'p',
      {},
      h(
        'button',
        {
          class: 'main',
          onclick: whenPressed(signIn),
        },
        'Sign in to see them',
      ),
    ),
  )

const skeleton = () => h('div', { class: 'order skeleton', 'aria-hidden': 'true' })

async function fill(list) {
  list.setAttribute('aria-busy', 'true')
  try {
    list.replaceChildren(...(await getOrders()).map(order))
  } catch (error) {
    if (!isProblem(error)) throw error
    list.replaceChildren(
      h(
        'section',
        { class: 'problem', role: 'alert' },
        ...problemContent(error, () => void fill(list)),
      ),
    )
  }
  list.removeAttribute('aria-busy')
}

function order({ number, placedAt, status, items, cents }) {
  return h(
    'article',
    { class: 'order' },
    h(
      'header',
      {},
      h('h2', {}, `Order ${number}`),
      h('span', { class: 'badge', 'data-status': status }, status),
      h('small', {}, date.format(placedAt)),
    ),
    h('ul', {}, items.map(item)),
    h('p', { class: 'total' }, h('span', {}, 'Total'), h('b', {}, price(cents))),
  )
}

const item = ({ id, quantity, cents }) =>
  h(
    'li',
    {},
    h('img', { src: `/art/${id}.svg`, alt: '', width: '400', height: '400' }),
    h('a', { href: `/products/${id}` }, findProduct(id).name),
    h('span', {}, `${quantity} × ${price(cents)}`),
  )
