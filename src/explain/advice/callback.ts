import { compared, type AdviceOf } from './advice.ts'

const again = 'Let the user log in again.'

export const callback: AdviceOf<
  | 'callback_invalid'
  | 'state_unknown'
  | 'state_mismatch'
  | 'transaction_expired'
  | 'issuer_mismatch'
  | 'return_to_invalid'
> = {
  callback_invalid: {
    what: 'The URL that the server sent the user back to is no proper answer.',
    fix: `${again} If it stays, the server or something on the way changes the URL.`,
    reasons: {
      duplicate: { what: 'A parameter is in the callback’s URL twice.' },
      tokens: {
        what: 'The callback carries tokens, which nobody asked for (implicit or hybrid flow).',
        fix: 'Set the client at the server to the authorization code flow with PKCE; docs/moving/implicit-flow.md says how to move.',
      },
      size: { what: 'A value in the callback’s URL is longer than any server’s.' },
      code: { what: 'The callback has neither a code nor an error.' },
      onCallback: {
        what: 'Your function onCallback has thrown.',
        fix: 'Look at its own error. The session is not touched by it.',
      },
    },
  },
  state_unknown: {
    what: 'The page was loaded with an answer that this tab did not ask for or has used: a reload, the back button, a bookmark, another tab.',
    fix: 'Nothing, if you use start(): it cleans the URL and restores the session. If each login ends so, the login leaves from another origin than it comes back to, or the sessionStorage is lost on the way.',
  },
  state_mismatch: {
    what: 'An answer came for another request than the one that waited.',
    fix: `${again} If it stays, the server does not return "state" as it was sent.`,
  },
  transaction_expired: {
    what: 'The user took more than an hour to log in.',
    fix: again,
  },
  issuer_mismatch: {
    what: (facts) =>
      `The answer comes from another server than the one that was asked, or does not say where it comes from.${compared(facts)} This is how a mix-up attack looks.`,
    fix: `${again} If it stays, compare the option issuer with what came.`,
    reasons: {
      redirect_uri: {
        what: 'The answer came to another page than the redirect URI of its login, or two clients of this page share one.',
        fix: 'Give each client of a page a redirect URI of its own.',
      },
    },
  },
  return_to_invalid: {
    what: 'The place to return to is on another origin.',
    fix: 'Pass a returnTo of this app. For links elsewhere keep a key in appState, and map it yourself.',
  },
}
