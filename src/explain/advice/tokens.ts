import { answered, compared, each, type AdviceOf } from './advice.ts'

const report =
  'Never ignore it. It is the server’s mistake, or an attack: report it to whoever runs the server.'

export const tokens: AdviceOf<
  | 'id_token_invalid'
  | 'clock_skew'
  | 'token_type_unsupported'
  | 'dpop_downgrade'
  | 'dpop_failed'
  | 'userinfo_invalid'
  | 'claims_invalid'
> = {
  id_token_invalid: {
    what: ({ reason }) =>
      `The ID token did not pass a check${reason ? `: ${reason}` : ''}. Nothing of the answer was stored.`,
    fix: report,
    reasons: {
      ...each(['iat', 'exp', 'nbf'], {
        what: ({ reason }) => `The times in the ID token contradict each other (${reason}).`,
      }),
      iss: {
        what: (facts) =>
          `The ID token was made by another server than your option issuer names.${compared(facts)}`,
        fix: 'Compare the issuer with the server’s metadata; a custom domain has an issuer of its own.',
      },
      aud: {
        what: (facts) => `The ID token is for another client.${compared(facts)}`,
        fix: ({ seen }) =>
          `Set clientId to the client that the server issues tokens for${seen.got === undefined ? '' : `: it said ${seen.got}`}. If the token is for several, the server has to name this client in azp, and trustedAudiences, where you gave it, has to have the others.`,
      },
      azp: {
        what: 'The ID token was issued to another client (azp).',
        fix: 'Compare clientId with the registration.',
      },
      ...each(['acr', 'auth_time'], {
        what: ({ reason }) =>
          `The authentication is weaker or older than what was asked for (${reason}).`,
        fix: 'Log in again with acrValues or maxAge that the server fulfils.',
      }),
      alg: {
        what: 'The ID token is signed with an algorithm that is not allowed. “none” and HMAC (HS256) never are.',
        fix: 'Have the server sign ID tokens of this client with RS256, PS256, ES256 or EdDSA.',
      },
      ...each(['kid', 'signature'], {
        what: ({ reason }) => `No key of the server fits the ID token (${reason}).`,
      }),
      at_hash: { what: 'The access token is not the one that the ID token was issued with.' },
      ...each(['sub', 'typ'], {
        what: ({ reason }) =>
          `The ID token has no user in it, or is another kind of token (${reason}).`,
      }),
      nonce: { what: 'The ID token is not for this login (nonce).' },
      missing: {
        what: 'There is no ID token in the answer.',
        fix: 'Allow the client the scope openid. A server that only speaks OAuth 2.0 cannot be used.',
      },
      format: { what: 'The ID token is no JWT.' },
    },
  },
  clock_skew: {
    what: ({ reason }) => {
      // A warning says where it happened in place of the seconds; only an error has ended a login.
      if (!reason) return 'The clock of this device is more than a day off.'
      const seconds = Number(reason)
      const side = seconds < 0 ? 'behind' : 'ahead of'
      return `The clock of this device is ${Math.abs(seconds)} s ${side} the server’s.`
    },
    fix: ({ reason }) =>
      !reason || Math.abs(Number(reason)) > 86_400
        ? 'Tell the user to set the clock of the device: no token can be judged.'
        : 'Nothing: it is allowed for. Set the clock of the device, if it is yours; if that is right, the server dates its tokens back: see clockToleranceSeconds.',
  },
  token_type_unsupported: {
    what: 'The access token is no bearer token.',
    fix: 'Have the server issue bearer tokens for this client, or bind them: dpop: dpop() of sotto/dpop.',
  },
  dpop_downgrade: {
    what: 'The server has issued a bearer token, and not one that is bound to the key of this browser.',
    fix: 'Have the server support DPoP (RFC 9449) for this client, or leave the option dpop out.',
  },
  dpop_failed: {
    what: ({ oauthError }) =>
      oauthError === 'use_dpop_nonce'
        ? 'The server has asked for a DPoP nonce, and once more, or the page could not read it.'
        : 'The server has refused the proof that the key is in this browser.',
    fix: ({ oauthError }) =>
      oauthError === 'use_dpop_nonce'
        ? 'Have the token endpoint list DPoP-Nonce in Access-Control-Expose-Headers.'
        : 'Most often the clock of the device is wrong, and the server asks for no nonce. See its description.',
    reasons: {
      key: {
        what: 'The key of this browser was lost between the beginning of the login and its end.',
        fix: 'Begin the login again. A logout in another tab, or cleared site data, takes the key away.',
      },
    },
  },
  userinfo_invalid: {
    what: (facts) => `The answer of the UserInfo endpoint was refused${answered(facts)}.`,
    fix: 'The session stays as it is. See the reason.',
    reasons: {
      status: {
        what: (facts) => `The UserInfo endpoint refused${answered(facts)}.`,
        fix: '401: a token for an API may be no good here, so try audience: "". 403: the token lacks a scope.',
      },
      content_type: {
        what: 'The UserInfo endpoint did not answer with JSON.',
        fix: 'Register the client for JSON (no userinfo_signed_response_alg).',
      },
      format: { what: 'The UserInfo answer is no JSON object.', fix: report },
      sub: { what: 'The UserInfo answer is of another user than the ID token.', fix: report },
      userInfo: {
        what: 'The option userInfo found nothing; the user is without those claims until the next login.',
        fix: 'Call fetchUserInfo(auth) to see why.',
      },
    },
  },
  claims_invalid: {
    what: ({ reason }) =>
      `The user’s claims do not fit your schema${reason ? ` at "${reason}"` : ''}.`,
    fix: 'Log (await auth.getIdToken())?.claims without the schema. Have the server send the claim, or make it optional.',
  },
}
