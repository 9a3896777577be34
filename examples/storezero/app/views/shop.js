import { price, products } from '../catalog.js'
import { h } from '../dom.js'

export function shopPage() {
  return {
    title: 'storezero',
    content: [
      h(
        'section',
        { class: 'hero' },
        h('h1', {}, 'Nine things. ', h('span', {}, 'Nothing else.')),
        h('p', {}, 'We took everything away that a home does not need, and this is what was left.'),
      ),
      h('ul', { class: 'grid' }, products.map(card)),
    ],
  }
}

export function card({ id, name, cents }) {
  return h(
    'li',
    {},
    h(
      'a',
      { class: 'card', href: `/products/${id}` },
      h('img', { src: `/art/${id}.svg`, alt: '', width: '400', height: '400' }),
      h('b', {}, name),
      h('span', {}, price(cents)),
    ),
  )
}
