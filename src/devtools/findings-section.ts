import type { Finding } from '../explain/finding.ts'
import { element, section } from './dom.ts'

/** What `diagnose` has found: what is wrong first. */
export function findingsSection(findings: readonly Finding[]): HTMLElement {
  const order = ['error', 'hint', 'ok']
  const sorted = [...findings].sort((a, b) => order.indexOf(a.level) - order.indexOf(b.level))
  const rows = sorted.map(({ level, what, fix, docs }) => {
    const link = element('a', '', 'docs')
    Object.assign(link, { href: docs, target: '_blank', rel: 'noreferrer' })
    const details = level === 'ok' ? [] : [element('p', '', fix ?? '', ' ', link)]
    // Colours are not for everybody.
    const text = level === 'ok' ? what : `${level}: ${what}`
    return element('li', level, element('b', '', text), ...details)
  })
  return section('Diagnosis', element('ul', 'findings', ...rows))
}
