/**
 * Refresh tokens that the page never has.
 *
 * @module sotto/worker
 */
export { workerVault } from './worker-vault.ts'
export type { VaultScript } from './vault-script.ts'
