/**
 * The files that take long and are told elsewhere too, frameworks, diagnosis and the mock server's
 * own: `npm run test:all` runs them, in Chromium. `npm test` runs what is tagged `@core`.
 */
export const LONG: string[] = [
  ...['busy-lock', 'chromium/frozen-tab', 'login-elsewhere', 'quiet-frame'],
  ...['examples-renewal', 'routers', 'storezero', 'bindings', 'identity-provider'],
  ...['diagnosis', 'wrong-set-ups', 'playwright-fixtures', 'mock-gate', 'devtools'],
  ...['popup-failures', 'real-popup', 'real-refresh-doubt'],
  ...['examples', 'harness', 'session-data-blocked'],
  // Held by test/public and test/worker as well.
  ...['default-renewal', 'good-token', 'session-params', 'failed-callback', 'two-issuers'],
  ...['user-changed', 'worker-vault-failures', 'session-frame', 'refresh-doubt', 'missed-hints'],
  ...['app-code-throws', 'clocks', 'faults-login', 'frame-address', 'logout-revokes'],
  ...['logout-while-waiting', 'popup-messages', 'refresh-needs-user'],
].map((name) => `e2e/${name}.spec.ts`)
