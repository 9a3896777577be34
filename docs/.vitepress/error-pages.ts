import { readFileSync } from 'node:fs'

interface ErrorPage {
  readonly params: { readonly code: string }
  readonly content: string
}

/** A page for each section of the document whose heading is a code. */
export function createErrorPages(path: string): ErrorPage[] {
  const sections = readFileSync(path, 'utf8')
    .split(/^(?=##? )/m)
    .flatMap((text) => {
      const code = /^## (\w+)$/m.exec(text)?.[1]
      return code === undefined ? [] : [{ code, text: text.trim() }]
    })
  const codes = new Set(sections.map(({ code }) => code))
  return sections.map(({ code, text }) => ({
    params: { code },
    content: `${moveLinks(text.replace(/^## /, '# '), codes)}\n\n[All codes](../errors.md)\n`,
  }))
}

/** The pages are one folder below the document, and a code has a page of its own. */
function moveLinks(text: string, codes: ReadonlySet<string>): string {
  return text.replace(/\]\((?!\w+:)([^)#]*)(#[^)]*)?\)/g, (_, file: string, anchor = '') => {
    if (file) return `](../${file}${anchor})`
    const code = String(anchor).slice(1)
    return codes.has(code) ? `](./${code}.md)` : `](../errors.md${anchor})`
  })
}
