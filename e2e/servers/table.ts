import type { Result, Step } from './outcomes.ts'
import { findServer } from './servers.ts'

const COLUMNS: Readonly<Record<Step, string>> = {
  login: 'login',
  claims: 'name, e-mail',
  silent: 'silent, in a frame',
  refresh: 'refresh token',
  sessionOver: 'session over',
  logout: 'logout, next login',
  wrongClient: 'unknown client',
  wrongRedirectUri: 'unknown redirect URI',
}

/** The results as Markdown, with what a server needs and what must be known of it. */
export function createTable(results: readonly Result[]): string {
  const steps = Object.keys(COLUMNS) as Step[]
  const notes = results.flatMap(({ name }) => {
    const { title, variant, note } = findServer(name)
    return note ? [`- **${[title, variant].filter(Boolean).join(', ')}**: ${note}`] : []
  })
  return [
    createRow(['server', 'run', 'beyond the three options', ...Object.values(COLUMNS)]),
    createRow(Array.from({ length: steps.length + 3 }, () => '---')),
    ...results.map(({ name, version, date, browser, outcomes }) => {
      const { title, variant } = findServer(name)
      return createRow([
        [`${title} ${tidyVersion(version)}`, variant].filter(Boolean).join(', '),
        `${date}, Chromium ${browser.split('.')[0]}`,
        describeSettings(name),
        ...steps.map((step) => mark(outcomes[step])),
      ])
    }),
    '',
    ...notes,
  ].join('\n')
}

function createRow(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`
}

/** Without what Debian adds. */
function tidyVersion(version: string): string {
  return version.replace(/^\d+:/, '').replace(/[-+].*$/, '')
}

function describeSettings(name: string): string {
  const { settings = {}, refreshScope } = findServer(name)
  const { scope, metadataPath, idTokenHint, refreshOnly } = settings
  const options = [
    scope && `\`scope: '${scope}'\``,
    metadataPath && `\`metadata\`: the URL that ends in \`${metadataPath}\``,
    idTokenHint && '`silentIframe({ idTokenHint: true })`',
    refreshOnly && '`renewal: [refreshToken()]`',
    refreshScope === undefined && '`offline_access` for a refresh token',
  ]
  return options.filter(Boolean).join('; ') || 'none'
}

/** Error codes and response modes as code. */
function mark(outcome: string): string {
  return outcome.replace(/\b([a-z]+(_[a-z]+)+|query|fragment)\b/g, (code) => `\`${code}\``)
}
