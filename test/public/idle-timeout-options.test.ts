import { idleTimeout, type AuthError, type IdleTimeoutOptions } from 'sotto'
import { expect, test } from 'vitest'
import { createClient } from '../support/flow-client.ts'

test.each([
  ['no seconds', 'seconds', {}],
  ['negative seconds', 'seconds', { seconds: -1 }],
  ['warnSeconds without end', 'warnSeconds', { seconds: 600, warnSeconds: Infinity }],
  ['negative maxSeconds', 'maxSeconds', { seconds: 600, maxSeconds: -1 }],
  ['an onWarn that is no function', 'onWarn', { seconds: 600, onWarn: 5 as never }],
])('refuses options with %s', (_, name, options) => {
  const { auth } = createClient()
  expect(() => idleTimeout(auth, options as IdleTimeoutOptions)).toThrow(
    expect.objectContaining({ code: 'config_invalid', reason: name }) as AuthError,
  )
})
