import { answered, each, wanted, type AdviceOf, type Facts } from './advice.ts'

const logIn = 'Let the user log in: loginWithRedirect(), or the option onLoginRequired: "redirect".'
const secret =
  'Register the app at the server as a public client: “single-page app”, authentication method “none”. A page keeps no secret.'

/** What the server's own word means, where it is one of configuration. */
function authorizationFix({ oauthError }: Facts): string {
  const fixes: Readonly<Record<string, string>> = {
    invalid_request:
      'Compare the registration of the client with your options; some servers want an id_token_hint or a parameter of their own.',
    unauthorized_client: 'Allow the client the authorization code grant at the server.',
    invalid_scope: 'Ask only for scopes that the server knows for this client, or add them there.',
    invalid_target:
      'Compare audience and resource with the APIs that are registered at the server: character for character.',
    unsupported_response_type: 'Allow the response type “code” for the client at the server.',
    server_error: 'Try again later.',
    temporarily_unavailable: 'Try again later.',
  }
  return (
    fixes[oauthError ?? ''] ?? 'Compare the client’s registration at the server with your options.'
  )
}

export const decision: AdviceOf<
  | 'login_required'
  | 'interaction_required'
  | 'consent_required'
  | 'account_selection_required'
  | 'access_denied'
  | 'authorization_error'
  | 'token_error'
  | 'session_expired'
  | 'user_changed'
  | 'logged_out'
  | 'not_allowed'
  | 'redirect_loop'
> = {
  login_required: {
    what: 'The server has no session for this browser.',
    fix: `${logIn} If it comes right after a login, the server’s cookies do not reach a hidden frame.`,
    reasons: {
      cookies_blocked_suspected: {
        what: 'The server saw no session in the hidden frame, right after a login: the browser probably blocks its cookies there, because server and app are on different sites. The session may have ended just as well.',
        fix: 'Put the server on the app’s own site (login.example.com for app.example.com), or use renewal: [refreshToken(), silentIframe()].',
      },
    },
  },
  interaction_required: {
    what: 'The server wants to show the user something, or no renewal strategy was possible.',
    fix: logIn,
    reasons: {
      no_strategy: {
        what: 'The option renewal is an empty list.',
        fix: 'Add silentIframe() or refreshToken(), or log in again when the token ends.',
      },
      no_answer_after_success: {
        what: 'The server shows a page in the frame where it used to answer: its session has ended.',
      },
      refused: {
        what: 'The server refused the refresh token, in another word than invalid_grant.',
      },
      no_refresh_token: {
        what: 'There is no refresh token: the login brought none, or it has ended.',
        fix: 'Most servers give one only for the scope offline_access, and if the client may have it: ask for it, and log in again.',
      },
      worker: {
        what: 'The worker with the refresh token does not answer, or its script is not there.',
        fix: 'Open the address of its script, and add silentIframe() after workerVault().',
      },
      in_doubt: {
        what: 'An answer to the refresh token was lost, so the other strategies go first.',
        fix: 'Nothing: it is sent again later.',
      },
      redirect_loop: {
        what: 'Three redirects in a minute brought no session.',
        fix: 'Show the error, with a button to log in.',
      },
      storage_unavailable: {
        what: 'The browser keeps nothing for this page, so that a redirect might go round in circles.',
        fix: 'Ask the user to allow site data, or to log in by a button.',
      },
      cookies_blocked_suspected: {
        what: 'Nothing was tried in the background, because the server’s cookies do not reach a frame.',
        fix: 'Put the server on the app’s own site, or use refreshToken().',
      },
      insufficient_user_authentication: {
        what: 'An API asked for another authentication of the user, and once more after it.',
        fix: 'Compare the acr_values and max_age of its challenge with the acr and auth_time of its access token.',
      },
      ...each(
        ['not_at_start', 'asked_before', 'page_stayed', 'framed', 'hidden', 'offline', 'callback'],
        {
          what: ({ reason }) => `A redirect of the whole page is not possible now (${reason}).`,
        },
      ),
      ...each(['scope', 'audience', 'resource', 'authorization_params', 'max_age'], {
        what: ({ reason }) => `The refresh token is not good for this ${reason}.`,
        fix: 'Ask for it at the login, or add silentIframe() behind refreshToken().',
      }),
      ...each(['invalid_scope', 'invalid_target', 'audience_mismatch', 'refused_before'], {
        what: ({ reason }) => `The server gives no such token for the refresh token (${reason}).`,
        fix: 'Compare scope, audience and resource with what the server grants this client.',
      }),
    },
  },
  consent_required: { what: 'The user has not yet allowed this app what it asks for.', fix: logIn },
  account_selection_required: {
    what: 'The user has several accounts at the server, and has to choose.',
    fix: logIn,
  },
  access_denied: {
    what: (facts) => `The user, or the server for them, said no.${wanted(facts)}`,
    fix: 'Show the app with a way to log in. If nobody pressed “Cancel”, the user may not use this app, or the audience is unknown: Auth0, for one, says so then.',
  },
  authorization_error: {
    what: (facts) =>
      `The server refused the authorization request${answered(facts)}.${wanted(facts)}`,
    fix: authorizationFix,
  },
  token_error: {
    what: (facts) => `The token endpoint refused${answered(facts)}.`,
    fix: ({ status, oauthError }) => {
      if (oauthError === 'invalid_grant')
        return 'Begin the login again: a code is good once, and for a short time. If it stays, the redirect URI or the PKCE verifier is not what the server expects.'
      if (oauthError === 'unsupported_token_type')
        return 'Nothing: the server cannot end access tokens; they end by themselves.'
      const isSecret = status === 401 || /^(invalid|unauthorized)_client$/.test(oauthError ?? '')
      return isSecret ? secret : authorizationFix({ reason: '', oauthError, seen: {} })
    },
  },
  session_expired: {
    what: 'The server has refused the refresh token for good: it has expired or was revoked.',
    fix: `${logIn} If it comes often, look at the life of refresh tokens at the server, and add silentIframe() behind refreshToken().`,
  },
  user_changed: {
    what: 'Another user is logged in at the server than the one this app knows.',
    fix: 'Tell the user, and call loginWithRedirect() or logout().',
  },
  logged_out: {
    what: 'The user has logged out, here or in another tab.',
    fix: 'Show the app as for somebody who is not logged in; loginWithRedirect() begins a new session.',
  },
  not_allowed: {
    what: 'A user is signed in, and the function allow of requireLogin said no to them.',
    fix: 'Show a page that says so, with a way to log in as somebody else. Do not redirect by yourself.',
  },
  redirect_loop: {
    what: 'Sending the user to log in would lead in a circle: they came back without what was asked for.',
    fix: 'Show the error with a button to log in. Check scope, audience and resource, and that the app calls loginWithRedirect() for "anonymous" only.',
  },
}
