import { expect, test } from 'vitest'
import { attempt } from '../../src/browser/attempt.ts'
import { blockedStorage } from '../support/flow-storage.ts'

test('gives what the browser answers', () => {
  expect(attempt(() => 'done')).toBe('done')
  expect(attempt(() => null)).toBeNull()
})

// covers fault:storage-blocked
test('gives undefined where the browser refuses', () => {
  expect(attempt(blockedStorage)).toBeUndefined()
})
