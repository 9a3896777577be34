// The table of docs/conformance.md, made from the one that drives test/public/conformance.test.ts, so that the documentation
// cannot promise what no test runs.
import './typescript-loader.mjs'

export const { CONFORMANCE_MODULES } = await import('../test/support/conformance-modules.ts')

const TABLE = /(<!-- modules -->\n)[^]*?(\n<!-- \/modules -->)/

function row([name, module]) {
  const plans = module.plans.map((plan) => (plan === 'none' ? '' : plan)).join(', ')
  return `| \`${name}\` | ${plans} | ${describe(module)} |`
}

function describe(module) {
  if ('notApplicable' in module) return `Cannot be run | ${module.notApplicable}`
  const [code, reason] = module.expected.split('/')
  const outcome = reason ? `\`${code}\`, reason \`${reason}\`` : 'Accepted'
  return `${outcome} | ${module.requirement}`
}

function createTable() {
  const modules = Object.entries(CONFORMANCE_MODULES)
  const run = modules.filter(([, module]) => 'expected' in module).length
  return [
    `${run} of the ${modules.length} modules run as tests.`,
    '',
    '| module | plan | outcome | what it asks for, or why it is not run |',
    '| --- | --- | --- | --- |',
    ...modules.map(row),
  ].join('\n')
}

/** What is left when a table is formatted in another way. */
const normalize = (text) => text.replace(/-{3,}/g, '---').replace(/ +/g, ' ').trim()

/** Puts the table of today into a text that has one. */
export function writeConformanceTable(text) {
  return text.replace(TABLE, (_, begin, end) => `${begin}\n${createTable()}\n${end}`)
}

/** Whether a text has the table of today. */
export function hasConformanceTable(text) {
  return normalize(writeConformanceTable(text)) === normalize(text) && TABLE.test(text)
}
