import { expect, test } from 'vitest'
import { createHiddenFrame, readLocation } from '../../src/browser/frame-element.ts'
import { createFramePage } from '../support/frame-page.ts'

const url = new URL('https://login.example/authorize?a=1')

test.each([
  [false, 'allow-same-origin'],
  [true, 'allow-scripts allow-same-origin allow-forms'],
])('with scripts allowed: %s, the frame may do just this: %s', (allowScripts, expected) => {
  const { frame } = createFramePage()
  createHiddenFrame(url, allowScripts)
  expect(frame.attributes['sandbox']).toBe(expected)
})

test('nobody sees the frame, and its timers are not slowed down as those of one without display', () => {
  const { frame, document } = createFramePage()
  createHiddenFrame(url, false)
  expect(document.createElement).toHaveBeenCalledWith('iframe')
  expect(frame.style).toEqual({
    position: 'fixed',
    width: 0,
    height: 0,
    border: 0,
    visibility: 'hidden',
  })
})

test('the frame is marked as ours, and asks for what it was told to', () => {
  const { frame } = createFramePage()
  createHiddenFrame(url, false)
  expect(frame.attributes).toMatchObject({ 'data-sotto': '' })
  expect(frame.src).toBe(url.href)
  expect(frame).toMatchObject({ referrerPolicy: 'no-referrer' })
})

test('knows where a frame of this origin is, and of no other', () => {
  const frame = (contentWindow: unknown) => ({ contentWindow }) as HTMLIFrameElement
  const { href } = url
  expect(readLocation(frame({ location: { href } }))).toBe(href)
  const foreign = {
    get location(): never {
      throw new DOMException('Blocked', 'SecurityError')
    },
  }
  expect(readLocation(frame(foreign))).toBeUndefined()
  expect(readLocation(frame(null))).toBeUndefined()
})
