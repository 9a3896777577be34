import { expect, test } from 'vitest'
import { readRetryAfter } from '../../src/protocol/retry-after.ts'

// covers threat:hostile-server
test.each(['86401', '9'.repeat(30), 'Fri, 31 Dec 9999 23:59:59 GMT'])(
  'waits a day at most where a server says %s',
  (value) => {
    expect(readRetryAfter(new Headers({ 'retry-after': value }))).toBe(86_400)
  },
)

test.each(['0', 'Thu, 01 Jan 1970 00:00:00 GMT', '', 'soon'])(
  'waits not at all for %o',
  (value) => {
    expect(readRetryAfter(new Headers({ 'retry-after': value }))).toBeUndefined()
  },
)
