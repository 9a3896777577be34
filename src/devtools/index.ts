/**
 * A panel for development.
 *
 * @module sotto/devtools
 */
export { showDevtools, type DevtoolsOptions } from './show-devtools.ts'
