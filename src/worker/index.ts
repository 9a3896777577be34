export { workerVault } from './worker-vault.ts'
export type { VaultScript } from './vault-script.ts'
