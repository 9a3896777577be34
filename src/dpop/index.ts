/**
 * Tokens that are bound to a key of this browser.
 *
 * @module sotto/dpop
 */
export { dpop } from './dpop.ts'
export type { TokenBinding } from '../protocol/token-binding.ts'
