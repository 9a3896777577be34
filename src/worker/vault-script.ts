/**
 * Which worker it is: the address of its script; a `TrustedScriptURL`, where the page has Trusted
 * Types; or a function that makes the worker.
 */
export type VaultScript = string | { toJSON(): string } | (() => SharedWorker | Worker)
