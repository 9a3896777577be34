import { asked, type AdviceOf, type Facts } from './advice.ts'

/** The origin of the server that was asked, for a policy's line. */
const source = ({ seen }: Facts): string => {
  try {
    return new URL(seen.asked ?? '').origin
  } catch {
    return 'the origin of the server'
  }
}

export const renewal: AdviceOf<
  'silent_timeout' | 'silent_blocked' | 'popup_blocked' | 'popup_closed' | 'popup_timeout'
> = {
  silent_timeout: {
    what: (facts) => `${asked(facts)} gave no answer in the hidden frame in time.`,
    fix: 'Try again. silentIframe({ timeoutMs }) is the limit of the frame.',
  },
  silent_blocked: {
    what: 'The hidden frame cannot work on this page.',
    fix: 'It is a matter of configuration: see the reason.',
    reasons: {
      csp: {
        what: ({ seen }) =>
          `The content security policy of this page forbids the hidden frame (${seen.directive ?? 'frame-src'}).`,
        fix: (facts) => `Add this to the policy: frame-src 'self' ${source(facts)}`,
      },
      cross_origin_isolated: {
        what: 'This page is cross-origin isolated (COOP and COEP), and the server’s page does not opt in.',
        fix: 'Serve the app without Cross-Origin-Embedder-Policy, or use refreshToken().',
      },
      no_answer: {
        what: (facts) =>
          `${asked(facts)} showed a page in the hidden frame and gave no answer.${facts.seen.messagesIgnored ? ' It did post a message, in a shape or from an origin that was not expected.' : ''}`,
        fix: ({ seen }) =>
          `Most often the redirect URI is not registered: register ${seen.redirectUri ?? 'it'} for this client ID, character for character. Else the client ID is wrong, the server refuses to be framed, shows its login page, or does not know the response mode. loginWithRedirect() shows the server’s own page.`,
      },
      no_frames: {
        what: 'Nothing loads frames here: this is happy-dom or jsdom, not a browser.',
        fix: 'Use fakeAuth or signedIn of sotto/testing in a test, or renewal: [].',
      },
      removed: {
        what: 'Something on the page took the hidden frame away.',
        fix: 'Look for code that removes frames or replaces the whole body, and let it leave iframe[data-sotto].',
      },
    },
  },
  popup_blocked: {
    what: 'The browser did not open the popup.',
    fix: 'Call it in the click itself, before the first await. Where the page is in a sandboxed frame, that needs allow-popups. Offer loginWithRedirect() beside it.',
    reasons: {
      already_open: {
        what: 'Another popup of this client is open.',
        fix: 'Wait until the first call has ended, or end it by its signal.',
      },
    },
  },
  popup_closed: {
    what: 'The popup was closed before the login was finished.',
    fix: 'Nothing, if the user has changed their mind. If the server showed an error page there, register the redirect URI for this client ID, character for character.',
  },
  popup_timeout: {
    what: 'The popup was open for longer than timeoutMs, and no answer came.',
    fix: 'If the login was finished in it, the page at the redirect URI has handed nothing over: it must call start(), or be the page of sotto/popup-callback.',
  },
}
