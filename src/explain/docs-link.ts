/** Of package.json: the build writes it in. */
declare const SOTTO_VERSION: string

/** The version of this library. */
export function version(): string {
  return SOTTO_VERSION
}

/** A section of the documentation, as it is in this version. */
export function docsLink(anchor: string, page = 'errors'): string {
  return `https://unpkg.com/sotto@${version()}/docs/${page}.md#${anchor}`
}
