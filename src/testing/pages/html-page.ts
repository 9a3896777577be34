import type { Brand } from '../server/configuration.ts'
import { escapeHtml } from '../server/encoding.ts'
import { pageStyle } from './page-style.ts'

/**
 * Headers of every page that a user sees: it can be neither framed, nor stored, nor leak its
 * address.
 */
const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
}

/** What is on a page. */
export interface Page {
  readonly title: string
  /** HTML. */
  readonly content: string
  readonly brand?: Brand
  readonly status?: number
  readonly framing?: 'denied' | 'allowed'
  /** `account` is wider, and its content has a heading of its own. */
  readonly layout?: 'form' | 'account'
}

const noBrand: Brand = { name: 'Sotto mock', accent: '#2f5bea' }

/** The first letter or digit of a name, for where there is no picture. */
export function initialOf(name: string): string {
  return escapeHtml((/[\p{L}\p{N}]/u.exec(name)?.[0] ?? '?').toUpperCase())
}

/** Fields that a form carries unseen. */
export function hiddenFields(fields: Readonly<Record<string, string>>): string {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${name}" value="${escapeHtml(value)}">`,
  )
  return inputs.join('\n')
}

/** What went wrong, above the form that can mend it. */
export function problemText(problem: string | undefined): string {
  return problem === undefined ? '' : `<p role="alert" id="problem">${escapeHtml(problem)}</p>`
}

function contentSecurityPolicy(nonce: string, framing: Page['framing']): string {
  const csp = `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'`
  return framing === 'allowed' ? csp : `${csp}; frame-ancestors 'none'`
}

/** A page with a style of its own and nothing from elsewhere. */
export function htmlPage(page: Page): Response {
  const { title, content, brand = noBrand, status = 200, framing = 'denied' } = page
  const isWide = page.layout === 'account'
  const nonce = crypto.randomUUID()
  const name = escapeHtml(brand.name)
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – ${name}</title>
<style nonce="${nonce}">${pageStyle(brand)}</style>
<div class="sheet${isWide ? ' wide' : ''}">
<div class="brand"><span class="mark" aria-hidden="true">${initialOf(brand.name)}</span>${name}</div>
<main>
${isWide ? '' : `<h1>${escapeHtml(title)}</h1>`}
${content}
</main>
</div>
</html>
`
  const headers = new Headers(pageHeaders)
  headers.set('content-security-policy', contentSecurityPolicy(nonce, framing))
  if (framing === 'denied') headers.set('x-frame-options', 'DENY')
  return new Response(html, { status, headers })
}

/**
 * An error that only the user may see, because the client cannot be trusted; `content` is HTML for
 * a way out.
 */
export function errorPage(
  message: string,
  { status = 400, content = '', ...page }: Partial<Pick<Page, 'status' | 'content' | 'brand'>> = {},
): Response {
  const text = `${problemText(`${message}.`)}\n${content}`
  return htmlPage({ title: 'This does not work', content: text, status, ...page })
}
