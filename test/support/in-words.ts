/**
 * A value as words for the title of a test: `status 429`, and not `{"name":"status","status":429}`.
 */
export function inWords(value: unknown): string {
  if (value === '') return 'an empty text'
  if (typeof value === 'function') return 'a function'
  if (Array.isArray(value))
    return value.length > 0 ? `a list of ${value.map(inWords).join(' and ')}` : 'an empty list'
  if (typeof value !== 'object' || value === null) return String(value)
  if (value instanceof Error) return `an error with the name ${value.name}`
  const members = Object.entries(value).filter(([key]) => key !== 'endpoint' && key !== 'times')
  if (members.length === 0) return 'an empty object'
  return members
    .map(([key, member]) => (key === 'name' ? inWords(member) : `${key} ${inWords(member)}`))
    .join(', ')
}

/** Rows for `test.each`: each value after its name. A list stays one value so. */
export const named = <Value>(values: readonly Value[]): (readonly [string, Value])[] =>
  values.map((value) => [typeof value === 'string' ? `the text "${value}"` : inWords(value), value])
