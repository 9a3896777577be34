import { readFileSync } from 'node:fs'
import { AuthError } from 'sotto'
import { expect, test } from 'vitest'

test('a message links to the documentation of its own version, which the package has there', () => {
  const { version, files } = JSON.parse(readFileSync('package.json', 'utf8')) as {
    readonly version: string
    readonly files: readonly string[]
  }
  expect(new AuthError('timeout').message).toContain(
    `https://unpkg.com/sotto@${version}/docs/errors.md#timeout`,
  )
  expect(files).toContain('docs')
  expect(readFileSync('docs/errors.md', 'utf8')).toContain('\n## timeout\n')
})
