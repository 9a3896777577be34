/** Of package.json: the build writes it in. */
declare const SOTTO_VERSION: string

/** A section of the documentation, as it is in this version. */
export function docsLink(anchor: string, page = 'errors'): string {
  return `https://unpkg.com/sotto@${SOTTO_VERSION}/docs/${page}.md#${anchor}`
}
