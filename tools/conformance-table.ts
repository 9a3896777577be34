// Prints the modules of the OpenID conformance suite as a table.
import { CONFORMANCE_MODULES, type ConformanceModule } from '../test/support/conformance-modules.ts'

const modules = Object.entries(CONFORMANCE_MODULES)
const run = modules.filter(([, module]) => 'expected' in module)
console.log(`
## docs/conformance.md

${run.length} of the ${modules.length} modules run as tests.

| module | plan | outcome | what it asks for, or why it is not run |
| --- | --- | --- | --- |
${modules.map(createRow).join('\n')}`)

function createRow([name, module]: [string, ConformanceModule]): string {
  const plans = module.plans.filter((plan) => plan !== 'none').join(', ')
  const [outcome, text] =
    'expected' in module
      ? [`\`${module.expected}\``, module.requirement]
      : ['cannot be run', module.notApplicable]
  return `| \`${name}\` | ${plans} | ${outcome} | ${text} |`
}
