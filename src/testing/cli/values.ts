function fail(message: string): never {
  throw new TypeError(message)
}

/** Reads a count of something; these four throw a TypeError with a message for the user. */
export function wholeNumber(
  flag: string,
  value: string,
  max: number = Number.MAX_SAFE_INTEGER,
): number {
  const isInRange = /^\d+$/.test(value) && Number(value) >= 1 && Number(value) <= max
  if (isInRange) return Number(value)
  const upTo = max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''
  return fail(`--${flag} needs a whole number from 1${upTo}, not "${value}"`)
}

/** Reads one of some words, however it is capitalized. */
export function oneOf<Choice extends string>(
  flag: string,
  value: string,
  choices: readonly Choice[],
): Choice {
  const found = choices.find((choice) => choice.toLowerCase() === value.toLowerCase())
  return found ?? fail(`--${flag} needs ${choices.join(' or ')}, not "${value}"`)
}

/**
 * Reads an address of the web, and leaves it as it was written. `localhost:3000` is a URL too, but
 * of another scheme.
 *
 * @param name what the user knows it by
 */
export function url(flag: string, value: string, name = `--${flag}`): string {
  const isWeb = /^https?:/i.test(value) && URL.canParse(value)
  return isWeb ? value : fail(`${name} needs a URL with http: or https:, not "${value}"`)
}

/** Splits a value at the first `:` or `=` of the form that it should have. */
export function split(flag: string, value: string, form: string): readonly [string, string] {
  const at = value.indexOf(form.includes(':') ? ':' : '=')
  const [name, rest] = [value.slice(0, at), value.slice(at + 1)]
  return at > 0 && rest !== '' ? [name, rest] : fail(`--${flag} needs ${form}, not "${value}"`)
}
