import { each, type AdviceOf } from './advice.ts'

export const storage: AdviceOf<'storage_unavailable' | 'storage_corrupt' | 'lock_timeout'> = {
  storage_unavailable: {
    what: 'The browser’s storage cannot be used: blocked, full, or hanging.',
    fix: 'Nothing: the session goes on in memory.',
    reasons: {
      transactionStorage: {
        what: 'The browser keeps nothing for this page, so that a login cannot be begun.',
        fix: 'Ask the user to allow site data, or pass another transactionStorage.',
      },
      refresh_token: {
        what: 'It could not be noted that a refresh token is sent, so it was not.',
        fix: 'Try again: another tab might send it too.',
      },
      worker: {
        what: 'The worker that keeps the refresh token did not load, or does not answer, and may be late only: the next strategy is used.',
        fix: 'Open the address of its script. The page’s policy has to allow it (worker-src), and Trusted Types take a TrustedScriptURL.',
      },
      ...each(['get', 'set', 'delete'], {
        what: ({ reason }) => `The storage failed (${reason}): blocked, full, or hanging.`,
      }),
    },
  },
  storage_corrupt: {
    what: 'What was stored cannot be read, and is not used.',
    fix: 'Nothing.',
    reasons: {
      corrupt: { what: 'What was stored is damaged or foreign; it is replaced.' },
      newer: { what: 'What was stored is of a later version of Sotto; it is left alone.' },
    },
  },
  lock_timeout: {
    what: 'Another tab has been sending the refresh token for ten seconds.',
    fix: 'Try again: its network is slow, or it is suspended.',
  },
}

/** Codes that only warnings have. */
export const warnings: AdviceOf<
  'callback_uri_missing' | 'scope_narrowed' | 'server_session_remains'
> = {
  callback_uri_missing: {
    what: ({ reason }) =>
      `The hidden frame (mode ${reason}) comes back to the page of the app. It works, but Chromium writes the address of each script that it blocks there into the console, code included.`,
    fix: 'Put an empty file at an address of its own, register that at the server, and pass it as callbackUri to silentIframe.',
  },
  scope_narrowed: {
    what: ({ reason }) => `The server granted less than was asked for. Missing: ${reason}.`,
    fix: 'Ask for what the server grants, or have it grant these scopes to the client.',
  },
  server_session_remains: {
    what: 'The user is signed out here, but the session at the server goes on.',
    fix: 'Nothing for this app. On shared computers tell the user to sign out at the provider too.',
    reasons: {
      end_session_endpoint: {
        what: 'The server names no end_session_endpoint, so its session goes on.',
      },
    },
  },
}
