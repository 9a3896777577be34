/** The members of an object by name: whatever their order was, their text is the same. */
export function sortedEntries<Value>(members: Readonly<Record<string, Value>>): [string, Value][] {
  return Object.keys(members)
    .sort()
    .map((name) => [name, members[name]!])
}
