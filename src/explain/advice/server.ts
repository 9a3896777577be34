import { answered, asked, compared, each, pageOrigin, type AdviceOf, type Facts } from './advice.ts'

const unreadable = (facts: Facts): string =>
  `${asked(facts)} gave no answer that ${pageOrigin(facts)} may read: no connection, no CORS headers, or a content security policy of the page (connect-src) that forbids it.`

const wait = ({ retryAfterSeconds }: Facts): string =>
  retryAfterSeconds === undefined ? '' : ` The server asks for ${retryAfterSeconds} s of patience.`

export const server: AdviceOf<
  | 'discovery_failed'
  | 'discovery_invalid'
  | 'network_error'
  | 'timeout'
  | 'server_error'
  | 'response_invalid'
  | 'response_too_large'
> = {
  discovery_failed: {
    what: (facts) =>
      facts.status === undefined
        ? unreadable(facts)
        : `${asked(facts)} answered with the status ${facts.status}, and not with the server’s metadata.`,
    fix: (facts) =>
      facts.status === undefined
        ? `Open ${asked(facts, 'the metadata URL')} in a browser. If nothing comes, the issuer is wrong or the server is down. If JSON comes, allow ${pageOrigin(facts)} at the server (CORS), or add the server to connect-src. diagnose(auth) tells which.`
        : `Compare the issuer with the server’s own documentation: a path such as /realms/name or /oauth2/default belongs to it. A server without such a document needs the option metadata.${wait(facts)}`,
    reasons: {
      redirect: {
        what: (facts) => `${asked(facts)} redirects to another origin.`,
        fix: 'Pass the URL that it leads to as the option metadata, and the issuer that the document names.',
      },
    },
  },
  discovery_invalid: {
    what: 'The server’s metadata cannot be used.',
    fix: 'Open the metadata URL in a browser and compare.',
    reasons: {
      json: {
        what: 'At the metadata URL is no JSON document.',
        fix: 'The issuer is probably wrong: a web page answers there. Copy it from the server’s documentation.',
      },
      issuer: {
        what: (facts) => `The metadata name another issuer than your option.${compared(facts)}`,
        fix: ({ seen }) =>
          seen.got === undefined
            ? 'Set the option issuer to what the metadata say.'
            : `If that is your server, set the option issuer to "${seen.got}", character for character.`,
      },
      endpoint: {
        what: 'The authorization endpoint, the token endpoint or the key set is missing in the metadata, or is not https.',
        fix: 'Have the server say https URLs (behind a proxy: its public URL), or pass the option metadata.',
      },
      pkce: {
        what: 'The server says that it does not support PKCE with S256.',
        fix: 'Switch PKCE with S256 on at the server. Without it a public client is not safe.',
      },
      userinfo_endpoint: {
        what: 'The server has no UserInfo endpoint, or it is not https.',
        fix: 'Do without fetchUserInfo and mergeUserInfo, or have the claims put into the ID token.',
      },
      revocation_endpoint: {
        what: 'The server has no revocation endpoint, or it is not https.',
        fix: 'Do without revokeTokens: logout ends the session here and at the server.',
      },
      pushed_authorization_request_endpoint: {
        what: 'The server has no endpoint for pushed authorization requests, or it is not https.',
        fix: 'Switch them on at the server, or leave the option par out. Nothing was sent another way.',
      },
      dpop_signing_alg_values_supported: {
        what: 'The server takes no DPoP proof that is signed with ES256.',
        fix: 'Allow ES256 at the server, or leave the option dpop out.',
      },
    },
  },
  network_error: {
    what: unreadable,
    fix: (facts) =>
      `Try again. If it happens always, look at the browser’s console: a line about CORS means that the server has to allow ${pageOrigin(facts)} there; a line about the content security policy, that connect-src lacks the server; one about an address space, that the user has to let the page reach the local network.`,
    reasons: {
      offline: {
        what: 'The device says that it is offline, and nothing was answered.',
        fix: 'Try again when it is online.',
      },
      outcome_unknown: {
        what: 'A refresh token was sent, and its answer was lost.',
        fix: (facts) =>
          `Nothing: it is sent again when no good access token is left, with growing pauses.${wait(facts)}`,
      },
    },
  },
  timeout: {
    what: (facts) => `${asked(facts)} did not answer in time.`,
    fix: 'Try again. The option timeoutMs bounds each step over the network.',
    reasons: {
      caller: {
        what: 'The timeoutMs of this one call ran out; the work goes on.',
        fix: 'Call again, or give the call more time.',
      },
    },
  },
  server_error: {
    what: (facts) => `${asked(facts)} failed${answered(facts)}.`,
    fix: (facts) => `Try again later. A login has to begin from the start.${wait(facts)}`,
    reasons: {
      redirect: {
        what: (facts) => `${asked(facts)} sent a redirect, which is not followed.`,
        fix: 'Name the endpoint’s final URL in the metadata: a redirect could carry a code to another place.',
      },
    },
  },
  response_invalid: {
    what: ({ reason }) =>
      `The server’s answer is none that the specification allows${reason ? `: ${reason}` : ''}.`,
    fix: 'Report it to whoever runs the server.',
    reasons: {
      format: { what: 'The token endpoint answered with something else than a token response.' },
      status: {
        what: (facts) =>
          `What was asked for was neither done nor refused${answered(facts)}: a revocation, a pushed request or an exchange of tokens.`,
        fix: 'A bare 401 means that the endpoint is not for public clients.',
      },
      content_type: {
        what: 'A page came in answer to a refresh: something between browser and server sent it, such as a captive portal.',
        fix: 'Try again. The refresh token stays.',
      },
      jwks: { what: 'The key set of the server is none.' },
      ...each(['access_token', 'issued_token_type', 'token_type'], {
        what: ({ reason }) => `The answer to an exchange of tokens has no ${reason}.`,
        fix: 'See whether the server exchanges tokens for public clients (RFC 8693).',
      }),
      ...each(['request_uri', 'expires_in'], {
        what: ({ reason }) =>
          `The answer to a pushed authorization request has no ${reason} that can be used.`,
        fix: 'Report it to whoever runs the server. Nothing was sent another way.',
      }),
    },
  },
  response_too_large: {
    what: 'An answer was larger than 1 MiB.',
    fix: 'Check the server’s URLs: something else answers there.',
  },
}
