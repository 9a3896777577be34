// The shop, from the first line to run. How it uses Sotto is in auth.js, session.js and orders.js.
import { auth } from './auth.js'
import { onCartChange } from './cart.js'
import { byId, h } from './dom.js'
import { startHeader } from './header.js'
import { watchIdleness } from './idle.js'
import { startPanel } from './panel/panel.js'
import { render, setRoutes } from './router.js'
import { startSession, watchSignOut } from './session.js'
import { sayRest } from './toast.js'
import { cartPage, redrawCart } from './views/cart.js'
import { notFoundPage } from './views/not-found.js'
import { ordersPage } from './views/orders.js'
import { productPage } from './views/product.js'
import { shopPage } from './views/shop.js'

const signingIn = () => ({
  title: 'Signing you in',
  content: [h('p', { class: 'signing-in', role: 'status' }, 'Signing you in …')],
})

setRoutes([
  [/^\/$/, shopPage],
  [/^\/products\/(\w+)$/, productPage],
  [/^\/cart$/, cartPage],
  [/^\/orders$/, ordersPage],
  [/^\/callback$/, signingIn],
  [/^/, notFoundPage],
])
startHeader()
sayRest()
startPanel()
watchSignOut()
watchIdleness()
onCartChange(redrawCart)

const isCallback = location.pathname === '/callback'
render()
const scrolled = await startSession()
if (isCallback) {
  render()
  scrollTo(0, scrolled)
  byId('page').focus({ preventScroll: true })
}

// Pages that look different to somebody who is signed in.
let shownTo = auth.getSnapshot().user?.sub
if (!isCallback && /^\/(cart|orders)$/.test(location.pathname)) render()
auth.subscribe(() => {
  const { user } = auth.getSnapshot()
  if (user?.sub === shownTo) return
  shownTo = user?.sub
  if (/^\/(cart|orders)$/.test(location.pathname)) render()
})
