import { BroadcastChannel as NodeChannel } from 'node:worker_threads'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { createBroadcast } from '../../src/session/broadcast.ts'

let page: EventTarget

beforeEach(() => {
  page = new EventTarget()
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page))
})

function createTab(key = 'epoch') {
  const onHint = vi.fn()
  const onChange = vi.fn()
  const broadcast = createBroadcast(key, { onHint, onChange })
  onTestFinished(() => broadcast.close())
  return { broadcast, onHint, onChange }
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

const loggedOut = { generation: 'two', loggedOut: true, sessionParams: undefined }
const loggedIn = { generation: 'two', loggedOut: false, sessionParams: undefined }

test.each([
  ['logout', loggedOut],
  ['login', loggedIn],
])('tells the other tabs of a %s by its epoch, not this one', async (_type, epoch) => {
  const [one, other] = createTabs()
  one.broadcast.send(epoch)
  await vi.waitFor(() => expect(other.onHint).toHaveBeenCalled())
  expect(other.onHint).toHaveBeenCalledExactlyOnceWith(epoch)
  expect(one.onHint).not.toHaveBeenCalled()
})

test('tells nobody of another issuer or client', async () => {
  const [one] = createTabs()
  const stranger = createTab('another epoch')
  stranger.broadcast.open()
  one.broadcast.send(loggedOut)
  await settle()
  expect(stranger.onHint).not.toHaveBeenCalled()
})

// covers threat:forged-tab-message spec:tab-messages fault:events
test('sends the epoch and nothing else', async () => {
  const [one] = createTabs()
  const channel = new NodeChannel('epoch')
  onTestFinished(() => channel.close())
  const seen: unknown[] = []
  channel.onmessage = (event) => seen.push((event as { readonly data: unknown }).data)
  one.broadcast.send({ ...loggedOut, sessionParams: { organization: 'acme' } })
  const epoch = { generation: 'two', loggedOut: true }
  await vi.waitFor(() => expect(seen).toEqual([{ epoch }]))
})

// covers threat:forged-tab-message spec:tab-messages fault:tabs-forged-messages
test('ignores a message that is no epoch, and takes over nothing else from one that is', async () => {
  const [one] = createTabs()
  const channel = new NodeChannel('epoch')
  onTestFinished(() => channel.close())
  for (const epoch of [null, 'logout', { generation: 1, loggedOut: true }, { loggedOut: true }, []])
    channel.postMessage({ epoch })
  channel.postMessage(null)
  channel.postMessage({ epoch: { generation: 'x', loggedOut: true, sub: 'mallory' } })
  await vi.waitFor(() => expect(one.onHint).toHaveBeenCalled())
  expect(one.onHint.mock.calls).toEqual([[{ ...loggedOut, generation: 'x' }]])
})

test('takes no epoch from a prototype', async () => {
  const [one] = createTabs()
  const channel = new NodeChannel('epoch')
  onTestFinished(() => channel.close())
  const polluted = Object.prototype as { epoch?: unknown }
  onTestFinished(() => void delete polluted.epoch)
  polluted.epoch = { generation: 'x', loggedOut: true }
  channel.postMessage({})
  await settle()
  expect(one.onHint).not.toHaveBeenCalled()
})

test('looks at the epoch when a storage event names it, and at no other key', () => {
  const [one] = createTabs()
  fire('storage', { key: 'something else' })
  expect(one.onChange).not.toHaveBeenCalled()
  fire('storage', { key: 'epoch' })
  expect(one.onChange).toHaveBeenCalledOnce()
})

test('looks at the epoch when the page comes back from the back/forward cache', () => {
  const [one] = createTabs()
  fire('pageshow', { persisted: false })
  expect(one.onChange).not.toHaveBeenCalled()
  fire('pageshow', { persisted: true })
  expect(one.onChange).toHaveBeenCalledOnce()
})

test('hears nothing before it was opened, and nothing after it was closed', async () => {
  const [one, other] = createTabs()
  const unopened = createTab()
  other.broadcast.close()
  one.broadcast.send(loggedOut)
  fire('storage', { key: 'epoch' })
  fire('pageshow', { persisted: true })
  await settle()
  for (const tab of [other, unopened]) {
    expect(tab.onHint).not.toHaveBeenCalled()
    expect(tab.onChange).not.toHaveBeenCalled()
  }
})

test('sending and closing do no harm before it was opened', () => {
  const { broadcast } = createTab()
  broadcast.send(loggedIn)
  expect(() => broadcast.close()).not.toThrow()
})

test('a channel that sends nothing any more does no harm', () => {
  vi.spyOn(BroadcastChannel.prototype, 'postMessage').mockImplementation(() => {
    throw new DOMException('closed', 'InvalidStateError')
  })
  const { broadcast } = createTab()
  broadcast.open()
  expect(() => broadcast.send(loggedOut)).not.toThrow()
})

test('where a channel is refused, storage events are left', () => {
  vi.stubGlobal('BroadcastChannel', function refuse() {
    throw new DOMException('barred', 'SecurityError')
  })
  const { broadcast, onChange } = createTab()
  broadcast.open()
  broadcast.send(loggedOut)
  fire('storage', { key: 'epoch' })
  expect(onChange).toHaveBeenCalledOnce()
})
