/**
 * A store for Svelte.
 *
 * @module sotto/svelte
 */
export { sessionStore } from './session-store.ts'
