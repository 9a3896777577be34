/** What a member may hold; a list of strings means one of these. */
export type Kind =
  'string' | 'number' | 'boolean' | 'strings' | 'texts' | 'numbers' | 'object' | readonly string[]

/** The members of a plain object: what must be there, and what may be. */
export interface Shape {
  readonly required?: Readonly<Record<string, Kind>>
  readonly optional?: Readonly<Record<string, Kind>>
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const everyMember = (value: unknown, type: string) =>
  isObject(value) && Object.values(value).every((member) => typeof member === type)

function fits(kind: Kind, value: unknown): boolean {
  if (typeof kind !== 'string') return typeof value === 'string' && kind.includes(value)
  if (kind === 'number') return typeof value === 'number' && Number.isFinite(value)
  if (kind === 'object') return isObject(value)
  if (kind === 'texts') return everyMember(value, 'string')
  if (kind === 'numbers') return everyMember(value, 'number')
  if (kind !== 'strings') return typeof value === kind
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

const wording: Readonly<Record<string, string>> = {
  string: 'a string',
  number: 'a number',
  boolean: 'true or false',
  strings: 'a list of strings',
  texts: 'an object of strings',
  numbers: 'an object of numbers',
  object: 'an object',
}

/** Refuses unknown, missing and mistyped members, so that a typo in a test never goes unseen. */
export function checkShape(
  what: string,
  value: unknown,
  { required = {}, optional = {} }: Shape,
): Record<string, unknown> {
  if (!isObject(value)) throw new TypeError(`${what} must be an object`)
  const known = new Map(Object.entries({ ...required, ...optional }))
  for (const [name, member] of Object.entries(value)) {
    const kind = known.get(name)
    if (kind === undefined) {
      const names = [...known.keys()].join(', ') || 'none'
      throw new TypeError(`${what} has no member "${name}"; it knows: ${names}`)
    }
    if (member === undefined && name in optional) continue
    if (fits(kind, member)) continue
    const wanted = typeof kind === 'string' ? wording[kind] : `one of: ${kind.join(', ')}`
    throw new TypeError(`${what} needs "${name}" to be ${wanted}`)
  }
  for (const name of Object.keys(required)) {
    if (!(name in value)) throw new TypeError(`${what} needs "${name}"`)
  }
  return value
}
