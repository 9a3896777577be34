import { addToCart } from '../cart.js'
import { findProduct, price, products } from '../catalog.js'
import { h } from '../dom.js'
import { say } from '../toast.js'
import { notFoundPage } from './not-found.js'
import { card } from './shop.js'

const SHOWN_BESIDES = 3

export function productPage(id) {
  const product = findProduct(id)
  if (!product) return notFoundPage()
  return { title: product.name, content: [detail(product), others(product)] }
}

function detail({ id, name, cents, text, facts }) {
  return h(
    'article',
    { class: 'product' },
    h('img', { src: `/art/${id}.svg`, alt: '', width: '400', height: '400' }),
    h(
      'div',
      {},
      h('a', { class: 'back', href: '/' }, '← All nine'),
      h('h1', {}, name),
      h('p', { class: 'price' }, price(cents)),
      h('p', {}, text),
      h('button', { class: 'main wide', onclick: () => add(id, name) }, 'Add to cart'),
      h(
        'ul',
        { class: 'facts' },
        facts.map((fact) => h('li', {}, fact)),
      ),
    ),
  )
}

function add(id, name) {
  addToCart(id)
  say(`${name} is in your cart`)
}

function others({ id }) {
  const index = products.findIndex((product) => product.id === id)
  const next = [...products, ...products].slice(index + 1, index + 1 + SHOWN_BESIDES)
  return h(
    'section',
    { class: 'others' },
    h('h2', {}, 'Goes well with it'),
    h('ul', { class: 'grid' }, next.map(card)),
  )
}
