/**
 * The own fields of foreign data, in an object without a prototype: what someone put on `Object.prototype` is not in it. Empty for
 * anything that is no object.
 */
export function ownFields(value: unknown): Readonly<Record<string, unknown>> {
  return Object.assign(
    Object.create(null) as object,
    typeof value === 'object' ? value : undefined,
  ) as Record<string, unknown>
}
