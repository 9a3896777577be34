// @vitest-environment happy-dom
// The panel is drawn anew each second: nobody who reads it or goes through it by keyboard may notice.
import { showDevtools } from 'sotto/devtools'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { host, open, press, root, text } from '../support/devtools.ts'
import { createClient, preparePage } from '../support/flow-client.ts'

beforeEach(preparePage)

const find = (selector: string) => root().querySelector<HTMLElement>(selector)!
const createWrong = () => createClient({ redirectUri: '/callback' })

/** Waits for what `diagnose` finds. */
const whenFound = () => vi.waitFor(() => expect(find('.findings .error')).not.toBeNull())

test('the focus stays on a link while the seconds go by', async () => {
  open(createWrong())
  press('Diagnose')
  await whenFound()
  const link = find('.findings a')
  link.focus()
  await vi.advanceTimersByTimeAsync(3000)
  expect(root().activeElement).toBe(link)
})

test('the focus stays on Diagnose while it looks, and a second press does nothing', async () => {
  open(createWrong())
  const button = find('footer button')
  button.focus()
  button.click()
  expect([button.textContent, button.getAttribute('aria-disabled')]).toEqual([
    'Diagnosing …',
    'true',
  ])
  button.click()
  await whenFound()
  expect(root().activeElement).toBe(button)
  expect([button.textContent, button.getAttribute('aria-disabled')]).toEqual(['Diagnose', null])
})

test('what stays as it is can be selected, also where seconds go by beside it', async () => {
  const { logIn } = open()
  await logIn()
  const [user, scope, left] = [find('dd'), find('.tokens span'), find('.left').textContent]
  const words = user.firstChild
  await vi.advanceTimersByTimeAsync(3000)
  expect(find('.left').textContent).not.toBe(left)
  expect([find('dd'), find('.tokens span')]).toEqual([user, scope])
  expect(user.firstChild).toBe(words)
  expect([user.isConnected, scope.isConnected]).toEqual([true, true])
})

test('shows what has changed, and no more of what is gone', async () => {
  const { auth, logIn } = open()
  await logIn()
  expect(find('.tokens')).not.toBeNull()
  await auth.logout({ localOnly: true })
  expect(find('.tokens')).toBeNull()
  expect(text()).toContain('logged_out')
})

test('a finding says in words how bad it is, and a life what it is of', async () => {
  const { logIn } = open(createWrong())
  await logIn()
  press('Diagnose')
  await whenFound()
  expect(find('.findings .error').textContent).toMatch(/^error: /)
  expect(find('.findings .ok').textContent).not.toContain('ok: ')
  expect(find('meter').getAttribute('aria-label')).toBe('time left')
  // The page has a main part of its own.
  expect(root().querySelector('main')).toBeNull()
})

test('Escape in the panel closes it, and the page does not hear of it', () => {
  const heard = vi.fn<() => void>()
  document.addEventListener('keydown', heard)
  onTestFinished(() => document.removeEventListener('keydown', heard))
  open()
  const type = (key: string): boolean =>
    find('.close').dispatchEvent(
      new KeyboardEvent('keydown', { key, bubbles: true, composed: true }),
    )
  type('Enter')
  expect(heard).toHaveBeenCalledOnce()
  type('Escape')
  expect(find('.panel')).toBeNull()
  expect(root().activeElement).toBe(find('.toggle'))
  expect(heard).toHaveBeenCalledOnce()
})

test('Escape is the page’s where the panel is closed, or a part of the page', () => {
  const heard = vi.fn<() => void>()
  document.addEventListener('keydown', heard)
  onTestFinished(() => document.removeEventListener('keydown', heard))
  const escape = () =>
    new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true })
  onTestFinished(showDevtools(createClient().auth))
  find('.toggle').dispatchEvent(escape())
  expect(find('.panel')).toBeNull()
  host()!.remove()
  onTestFinished(showDevtools(createClient().auth, { container: document.body }))
  find('footer button').dispatchEvent(escape())
  expect(find('.panel')).not.toBeNull()
  expect(heard).toHaveBeenCalledTimes(2)
})

test('the name of the button that opens it begins with what is seen of it', () => {
  onTestFinished(showDevtools(createClient().auth))
  const { textContent } = find('.toggle')
  expect(textContent).toMatch(/^sotto · /)
  expect(find('.toggle').getAttribute('aria-label')).toBe(`${textContent}: devtools`)
})
