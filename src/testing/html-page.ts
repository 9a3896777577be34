import { escapeHtml } from './encoding.ts'

const style = `
:root { color-scheme: light dark; --line: #8a94a6; --accent: #2f5bea; --bad: #b3261e }
@media (prefers-color-scheme: dark) { :root { --accent: #8ea9ff; --bad: #ff8a80 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 24rem; padding: 2rem; border: 1px solid var(--line); border-radius: 12px }
h1 { margin: 0 0 .5rem; font-size: 1.5rem; line-height: 1.2 }
p { margin: 0 0 1rem; overflow-wrap: anywhere }
form { margin: 0 }
label { display: block; margin-bottom: .25rem; font-weight: 600 }
input { width: 100%; margin-bottom: 1rem; padding: .6rem .75rem; font: inherit; border: 1px solid var(--line);
  border-radius: 8px; background: transparent; color: inherit }
button { width: 100%; margin-bottom: .75rem; padding: .65rem; font: inherit; font-weight: 600;
  border: 1px solid var(--accent); border-radius: 8px; background: transparent; color: var(--accent);
  cursor: pointer }
button.main { background: var(--accent); color: Canvas }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
[role=alert] { color: var(--bad); font-weight: 600 }
small { display: block; opacity: .8 }
`

/** Headers of every page that a user sees: it can be neither framed, nor stored, nor leak its address. */
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
  readonly status?: number
  readonly framing?: 'denied' | 'allowed'
}

/** A page with a style of its own and nothing from elsewhere. */
export function htmlPage({ title, content, status = 200, framing = 'denied' }: Page): Response {
  const nonce = crypto.randomUUID()
  const csp = `default-src 'none'; style-src 'nonce-${nonce}'; base-uri 'none'`
  const html = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style nonce="${nonce}">${style}</style>
<main>
<h1>${escapeHtml(title)}</h1>
${content}
</main>
</html>
`
  const headers = new Headers(pageHeaders)
  headers.set('content-security-policy', csp)
  if (framing === 'denied') {
    headers.set('content-security-policy', `${csp}; frame-ancestors 'none'`)
    headers.set('x-frame-options', 'DENY')
  }
  return new Response(html, { status, headers })
}

/** An error that only the user may see, because the client cannot be trusted. */
export function errorPage(message: string, status = 400): Response {
  const content = `<p role="alert">${escapeHtml(message)}.</p>`
  return htmlPage({ title: 'This does not work', content, status })
}
