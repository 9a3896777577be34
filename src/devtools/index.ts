export { showDevtools, type DevtoolsOptions } from './show-devtools.ts'
