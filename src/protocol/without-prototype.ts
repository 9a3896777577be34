/**
 * The own fields of foreign data, in an object without a prototype: what someone put on `Object.prototype` is not in it. Also for
 * options that are handed to the browser or to a library, which would read inherited ones. Empty for anything that is no object.
 */
export function ownFields<Fields extends object = Readonly<Record<string, unknown>>>(
  value: unknown,
): Fields {
  return Object.assign(
    Object.create(null) as object,
    typeof value === 'object' ? value : undefined,
  ) as Fields
}
