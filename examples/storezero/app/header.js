// Who is signed in, and what they can do.
import { auth } from './auth.js'
import { avatar } from './avatar.js'
import { onCartChange, readCart } from './cart.js'
import { accountPage } from './config.js'
import { byId, h } from './dom.js'
import { whenPressed } from './problem.js'
import { signIn, signOut } from './session.js'

export function startHeader() {
  auth.subscribe(showWho)
  onCartChange(showCount)
  showWho()
  showCount()
  addEventListener('click', ({ target }) => closeMenu(!target.closest('.menu')))
  addEventListener('keydown', ({ key }) => closeMenu(key === 'Escape'))
}

function showWho() {
  const { status, user } = auth.getSnapshot()
  byId('who').replaceChildren(user ? menu(user) : status === 'loading' ? waiting() : signInButton())
}

const waiting = () =>
  h('span', {
    class: 'avatar waiting',
    role: 'status',
    'aria-label': 'Looking whether you are signed in',
  })

const signInButton = () =>
  h(
    'button',
    {
      id: 'sign-in',
      class: 'main',
      onclick: whenPressed(signIn),
    },
    'Sign in',
  )

function menu(user) {
  return h(
    'details',
    { class: 'menu' },
    h(
      'summary',
      { 'aria-label': `Your account: ${user.name ?? user.sub}` },
      avatar(user),
      h('span', { class: 'first-name' }, firstName(user)),
    ),
    h(
      'div',
      { class: 'menu-items' },
      h('p', {}, h('b', {}, user.name ?? user.sub), h('small', {}, user.email ?? '')),
      h('a', { href: '/orders' }, 'Your orders'),
      h('a', { href: accountPage, target: '_blank', rel: 'noopener' }, 'Your account'),
      h('button', { id: 'sign-out', onclick: whenPressed(signOut) }, 'Sign out'),
    ),
  )
}

const firstName = ({ name, sub }) => (name ?? sub).split(' ')[0]

function closeMenu(isMeant) {
  if (isMeant) document.querySelector('.menu[open]')?.removeAttribute('open')
}

function showCount() {
  const { count } = readCart()
  byId('cart-count').textContent = count
  byId('cart-count').hidden = count === 0
}
