/**
 * The own fields of foreign data, in an object without a prototype: what someone put on
 * `Object.prototype` is not in it. Also for options that are handed to the browser or to a library,
 * which would read inherited ones. Empty for anything that is no object.
 */
export function ownFields<Fields extends object = Readonly<Record<string, unknown>>>(
  value: unknown,
): Fields {
  return Object.assign(
    Object.create(null) as object,
    typeof value === 'object' ? value : undefined,
  ) as Fields
}

/** The own fields of a JSON object in a text; none where it is something else. */
export function ownJson(text: string): Readonly<Record<string, unknown>> {
  try {
    return ownFields(JSON.parse(text))
  } catch {
    return ownFields(undefined)
  }
}

/**
 * The own fields of a document of a server, without those that are null: servers mean by it that
 * they are absent.
 */
export function presentFields<Fields extends object = Readonly<Record<string, unknown>>>(
  value: unknown,
): Fields {
  return ownFields(
    Object.fromEntries(Object.entries(ownFields(value)).filter(([, field]) => field !== null)),
  )
}

/**
 * Foreign data of any depth, such as a stored value, in objects without a prototype.
 *
 * @param levels how deep to go; what lies deeper is left out
 */
export function ownTree(value: unknown, levels = 8): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (levels === 0) return undefined
  const pairs = Object.entries(value).map(([name, item]) => [name, ownTree(item, levels - 1)])
  const members: unknown[] = pairs.map(([, item]) => item)
  return Array.isArray(value)
    ? members
    : Object.assign(Object.create(null), Object.fromEntries(pairs))
}
