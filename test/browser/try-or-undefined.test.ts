import { expect, test } from 'vitest'
import { tryOrUndefined } from '../../src/browser/try-or-undefined.ts'
import { blockedStorage } from '../support/flow-storage.ts'

test('gives what the browser answers', () => {
  expect(tryOrUndefined(() => 'done')).toBe('done')
  expect(tryOrUndefined(() => null)).toBeNull()
})

// covers fault:storage-blocked
test('gives undefined where the browser refuses', () => {
  expect(tryOrUndefined(blockedStorage)).toBeUndefined()
})
