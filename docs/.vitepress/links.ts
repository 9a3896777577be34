import { posix } from 'node:path'
import type { MarkdownRenderer } from 'vitepress'

type Tokens = ReturnType<MarkdownRenderer['parse']>

/** The anchor of a heading, as GitHub and `npm run check:docs` make it. */
export function slugify(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\w\s-]/g, '')
    .replace(/\s/g, '-')
}

/**
 * Leaves the text of links that lead out of `docs`, to the sources or the decisions: the site has
 * no page for them, and `npm run check:docs` checks that the files are there.
 */
export function dropLinksOutside(tokens: Tokens, page: string): void {
  for (const { children } of tokens) {
    let isDropped = false
    for (const token of children ?? []) {
      if (token.type === 'link_open') isDropped = isOutside(token.attrGet('href'), page)
      if (isDropped && token.type.startsWith('link_')) token.type = 'text'
    }
  }
}

function isOutside(href: string | null, page: string): boolean {
  if (!href?.startsWith('../')) return false
  return posix.join(posix.dirname(page), href).startsWith('../')
}
