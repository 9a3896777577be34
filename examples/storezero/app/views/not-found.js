import { h } from '../dom.js'

export function notFoundPage() {
  return {
    title: 'Not here',
    content: [
      h(
        'section',
        { class: 'empty' },
        h('h1', {}, 'Zero things here'),
        h('p', {}, 'This page does not exist. The nine things do.'),
        h('p', {}, h('a', { class: 'button main', href: '/' }, 'To the shop')),
      ),
    ],
  }
}
