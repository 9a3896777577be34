import type { AuthClient } from '../client/auth-client.ts'
import { createLifetime } from '../add-ons/lifetime.ts'
import { contextOf } from '../client/context.ts'
import { debugReport } from '../explain/debug-report.ts'
import { diagnose } from '../explain/diagnose.ts'
import type { Finding } from '../explain/finding.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import { createTabCount } from './count-tabs.ts'
import { become, button, element } from './dom.ts'
import { createEventLog } from './event-log.ts'
import { eventsSection } from './events-section.ts'
import { findingsSection } from './findings-section.ts'
import { createRequestLog } from './request-log.ts'
import { requestsSection } from './requests-section.ts'
import { sessionSection } from './session-section.ts'
import { setUpSection } from './set-up-section.ts'
import { STYLE } from './style.ts'
import { tokensSection } from './tokens-section.ts'

export interface DevtoolsOptions {
  /** Whether the panel is open at first. Default: false. */
  readonly open?: boolean | undefined
  /**
   * The element that it is put into, as a part of the page that is always open. Default: a corner
   * of the page.
   */
  readonly container?: Element | undefined
}

const TAG = 'sotto-devtools'
const TICK_MS = 1000

/**
 * Shows what the client does, in a corner of the page or in an element of yours: whether a user is
 * signed in and why not, the access tokens by audience, scope and seconds left, what has happened
 * with the strategies that were tried, here and on the pages before in this tab, what was asked of
 * the server, how many tabs show it, and what `diagnose` finds. Never a token. For development:
 * import it where the app is not built for production.
 *
 * @returns a function that takes it away; `dispose` does too
 * @throws AuthError `config_invalid` where `auth` is no client
 * @example
 * ```ts
 * import { showDevtools } from 'sotto/devtools'
 *
 * showDevtools(auth)
 * ```
 */
export function showDevtools(auth: AuthClient<object>, options: DevtoolsOptions = {}): () => void {
  const context = contextOf(auth)
  const { open = false, container } = ownFields<DevtoolsOptions>(options)
  const { signal, stop } = createLifetime(context)
  if (signal.aborted) return stop

  const isEmbedded = container !== undefined
  const host = document.createElement(TAG)
  host.toggleAttribute('embedded', isEmbedded)
  const root = host.attachShadow({ mode: 'open' })
  // Not by an element: a page's policy for styles has no say in it.
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(STYLE)
  root.adoptedStyleSheets = [sheet]

  const { issuer, clientId } = context.options
  const name = `${TAG} ${issuer} ${clientId}`
  const countTabs = createTabCount(name, signal)
  const log = createEventLog(auth, name, signal)
  const sent = createRequestLog(signal)
  let isOpen = open || isEmbedded
  let findings: readonly Finding[] | undefined
  let isDiagnosing = false
  let timer: ReturnType<typeof setTimeout> | undefined

  async function look(): Promise<void> {
    if (isDiagnosing) return
    isDiagnosing = true
    render()
    try {
      findings = (await diagnose(auth)).findings
    } finally {
      isDiagnosing = false
      render()
    }
  }

  /** Into the clipboard; into the console where a browser refuses it, as without https. */
  async function copyReport(): Promise<void> {
    const report = JSON.stringify(debugReport(auth), undefined, 2)
    try {
      await navigator.clipboard.writeText(report)
    } catch {
      console.info(report)
    }
  }

  function clear(): void {
    log.clear()
    render()
  }

  function toggle(): void {
    isOpen = !isOpen
    render()
    root.querySelector<HTMLElement>('.toggle, .close')?.focus()
  }

  root.addEventListener('keydown', (event) => {
    if ((event as KeyboardEvent).key !== 'Escape' || !isOpen || isEmbedded) return
    // It is not for what the page has open.
    event.stopPropagation()
    toggle()
  })

  const badge = (): HTMLElement => {
    const { status } = context.session.getSnapshot()
    const made = button('', toggle, `toggle ${status}`)
    made.append(element('i', 'dot'), `sotto · ${status}`)
    // It begins with what is seen, which is what a person says to it (WCAG 2.5.3).
    made.setAttribute('aria-label', `sotto · ${status}: devtools`)
    return made
  }

  function panel(): HTMLElement {
    const diagnoseButton = button(isDiagnosing ? 'Diagnosing …' : 'Diagnose', () => void look())
    // A button that is disabled would lose the focus.
    if (isDiagnosing) diagnoseButton.setAttribute('aria-disabled', 'true')
    const header = element(
      'header',
      '',
      element('span', '', 'Sotto'),
      button('Close', toggle, 'close'),
    )
    const made = element(
      'div',
      'panel',
      ...(isEmbedded ? [] : [header]),
      element(
        'div',
        'parts',
        sessionSection(context),
        tokensSection(context),
        findings ? findingsSection(findings) : element('section'),
        eventsSection(log.events()),
        requestsSection(context, sent()),
        setUpSection(context, countTabs()),
      ),
      element(
        'footer',
        '',
        diagnoseButton,
        button('Copy report', () => void copyReport()),
        button('Clear events', clear),
      ),
    )
    made.setAttribute('role', 'region')
    made.setAttribute('aria-label', 'Sotto devtools')
    return made
  }

  function render(): void {
    clearTimeout(timer)
    if (signal.aborted) return
    const made = isOpen ? panel() : badge()
    if (root.firstChild) become(root.firstChild, made)
    else root.append(made)
    // Seconds go by; what happens is told.
    if (isOpen) timer = setTimeout(render, TICK_MS)
  }

  const ends = (['session', 'token', 'renewal', 'warning'] as const).map((type) =>
    auth.on(type, render),
  )
  signal.addEventListener('abort', () => {
    clearTimeout(timer)
    for (const end of ends) end()
    host.remove()
  })
  render()
  // A script in the head is there before the body.
  ;(container ?? document.body ?? document.documentElement).append(host)
  return stop
}
