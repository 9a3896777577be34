// Prints which test covers which row of docs/security.md and docs/faults.md, and the modules of the
// OpenID conformance suite. By hand: the tables are of our own comments and lists.
import { CONFORMANCE_MODULES } from '../test/support/conformance-modules.ts'
import { DOCUMENTS, listTests, readCovers, readRows } from '../test/docs/requirements.ts'

const print = (heading: string, ...rows: readonly (readonly string[])[]): void =>
  console.log([`\n## ${heading}\n`, ...rows.map((row) => `| ${row.join(' | ')} |`)].join('\n'))

const covers = listTests().flatMap(readCovers)
for (const document of DOCUMENTS) {
  const rows = readRows(document).map((row) => {
    const tests = covers.filter(({ tag }) => tag === row.tag)
    return [row.subject, tests.map(({ place, title }) => `\`${place}\` ${title}`).join('<br>')]
  })
  print(document, ['row', 'tests'], ['---', '---'], ...rows)
}

const modules = Object.entries(CONFORMANCE_MODULES).map(([name, module]) => {
  const plans = module.plans.filter((plan) => plan !== 'none').join(', ')
  return 'expected' in module
    ? [`\`${name}\``, plans, `\`${module.expected}\``, module.requirement]
    : [`\`${name}\``, plans, 'cannot be run', module.notApplicable]
})
const run = modules.filter(([, , outcome]) => outcome !== 'cannot be run')
print(
  `docs/conformance.md: ${run.length} of ${modules.length} modules run as tests`,
  ['module', 'plan', 'outcome', 'what it asks for, or why it is not run'],
  ['---', '---', '---', '---'],
  ...modules,
)
