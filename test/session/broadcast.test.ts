import { BroadcastChannel as NodeChannel } from 'node:worker_threads'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createBroadcast } from '../../src/session/broadcast.ts'

let page: EventTarget

beforeEach(() => {
  page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
})

function createTab(key = 'mark') {
  const onHint = vi.fn()
  const onMark = vi.fn()
  const broadcast = createBroadcast(key, { onHint, onMark })
  onTestFinished(() => broadcast.close())
  return { broadcast, onHint, onMark }
}

function createTabs() {
  const tabs = [createTab(), createTab()] as const
  for (const { broadcast } of tabs) broadcast.open()
  return tabs
}

/** Long enough for a message between two channels of one process. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 50))

const fire = (type: string, fields: object): void =>
  void page.dispatchEvent(Object.assign(new Event(type), fields))

test.each([
  ['logout', true],
  ['login', false],
] as const)('tells the other tabs of a %s by its mark, not this one', async (type, loggedOut) => {
  const [one, other] = createTabs()
  one.broadcast.send({ generation: 'two', loggedOut }, type)
  await vi.waitFor(() => expect(other.onHint).toHaveBeenCalled())
  expect(other.onHint).toHaveBeenCalledExactlyOnceWith({ generation: 'two', loggedOut }, type)
  expect(one.onHint).not.toHaveBeenCalled()
})

test('tells nobody of another issuer or client', async () => {
  const [one] = createTabs()
  const stranger = createTab('another mark')
  stranger.broadcast.open()
  one.broadcast.send({ generation: 'two', loggedOut: true })
  await settle()
  expect(stranger.onHint).not.toHaveBeenCalled()
})

// covers threat:forged-tab-message spec:tab-messages fault:events
test('sends the mark and nothing else', async () => {
  const [one] = createTabs()
  const channel = new NodeChannel('mark')
  onTestFinished(() => channel.close())
  const seen: unknown[] = []
  channel.onmessage = (event) => seen.push((event as { readonly data: unknown }).data)
  const mark = { generation: 'two', loggedOut: true }
  one.broadcast.send(mark)
  await vi.waitFor(() => expect(seen).toEqual([{ mark, loginId: undefined }]))
})

// covers threat:forged-tab-message spec:tab-messages fault:tabs-forged-messages
test('ignores a message that is no mark, and takes over nothing else from one that is', async () => {
  const [one] = createTabs()
  const channel = new NodeChannel('mark')
  onTestFinished(() => channel.close())
  for (const mark of [null, 'logout', { generation: 1, loggedOut: true }, { loggedOut: true }, []])
    channel.postMessage({ mark })
  channel.postMessage(null)
  channel.postMessage({ mark: { generation: 'x', loggedOut: true, sub: 'mallory' } })
  await vi.waitFor(() => expect(one.onHint).toHaveBeenCalled())
  expect(one.onHint.mock.calls).toEqual([[{ generation: 'x', loggedOut: true }, undefined]])
})

test('takes no mark from a prototype', async () => {
  const [one] = createTabs()
  const channel = new NodeChannel('mark')
  onTestFinished(() => channel.close())
  const polluted = Object.prototype as { mark?: unknown }
  onTestFinished(() => void delete polluted.mark)
  polluted.mark = { generation: 'x', loggedOut: true }
  channel.postMessage({})
  await settle()
  expect(one.onHint).not.toHaveBeenCalled()
})

test('looks at the mark when a storage event names it, and at no other key', () => {
  const [one] = createTabs()
  fire('storage', { key: 'something else' })
  expect(one.onMark).not.toHaveBeenCalled()
  fire('storage', { key: 'mark' })
  expect(one.onMark).toHaveBeenCalledOnce()
})

test('looks at the mark when the page comes back from the back/forward cache', () => {
  const [one] = createTabs()
  fire('pageshow', { persisted: false })
  expect(one.onMark).not.toHaveBeenCalled()
  fire('pageshow', { persisted: true })
  expect(one.onMark).toHaveBeenCalledOnce()
})

test('hears nothing before it was opened, and nothing after it was closed', async () => {
  const [one, other] = createTabs()
  const unopened = createTab()
  other.broadcast.close()
  one.broadcast.send({ generation: 'two', loggedOut: true })
  fire('storage', { key: 'mark' })
  fire('pageshow', { persisted: true })
  await settle()
  for (const tab of [other, unopened]) {
    expect(tab.onHint).not.toHaveBeenCalled()
    expect(tab.onMark).not.toHaveBeenCalled()
  }
})

test('sending and closing do no harm before it was opened', () => {
  const { broadcast } = createTab()
  broadcast.send({ generation: 'two', loggedOut: false })
  expect(() => broadcast.close()).not.toThrow()
})
