import { each, pageOrigin, type AdviceOf } from './advice.ts'

export const setUp: AdviceOf<
  'config_invalid' | 'insecure_context' | 'not_in_browser' | 'disposed'
> = {
  config_invalid: {
    what: ({ reason }) => `The option or argument ${reason || 'of this call'} cannot be used.`,
    fix: 'Correct it in your code; docs/api.md says what it takes.',
    reasons: {
      redirectUri: {
        what: ({ seen: { expected, got } }) =>
          got && !got.includes('#')
            ? `The redirectUri ${got} is on another origin than this page (${expected}).`
            : `The redirectUri is empty, has a "#", or is on another origin than this page${expected ? ` (${expected})` : ''}.`,
        fix: 'Use a path of this app, for instance "/callback", and register the whole URL at the server.',
      },
      issuer: {
        what: 'The issuer is missing, is no https URL, or has a query, a "#" or a space in it.',
        fix: 'Copy the issuer from the server’s metadata. Plain http is taken for this machine only (http://localhost:4000).',
      },
      ...each(['clientSecret', 'client_secret'], {
        what: 'A client secret was passed. Every visitor of the page could read it.',
        fix: 'Leave it out, and register the app at the server as a public client. Replace the secret, if it was published.',
      }),
      clientId: {
        what: 'The clientId is missing.',
        fix: 'Copy it from the server’s registration. If it is an environment variable, this build lacks it.',
      },
      tokenStorage: {
        what: 'The tokenStorage is none that this library made, or one beside workerVault().',
        fix: 'Of the browser’s storages take webStorage(() => localStorage) or indexedDbStorage(); wrap your own in customStorage({ get, set, delete }). With workerVault() leave it out.',
      },
      worker: {
        what: 'workerVault() was given no address of a file: nothing, or one that holds the script itself.',
        fix: 'Pass the address of sotto/worker/script, on the origin of the page.',
      },
      renewal: {
        what: 'The option renewal is no list of strategies, or a strategy of the app’s own has thrown something else than an AuthError.',
        fix: 'Pass a list, and call what makes a strategy: renewal: [refreshToken(), silentIframe()]. If you wrote one yourself, look at the cause of the error: it resolves with { tokens } or { notPossible }, or throws an AuthError.',
      },
      metadata: {
        what: 'The option metadata is missing for an issuer with {tenantid}, or its URL is not https.',
        fix: 'Pass the https URL of the metadata document, or the document itself.',
      },
      auth: {
        what: 'What was passed is no client that this copy of the library made.',
        fix: 'Pass what createAuthClient returned, and see that the page has one copy of sotto. A fakeAuth has no server to ask.',
      },
      allowedOrigins: {
        what: 'The fetch of createAuthFetch was called for a URL whose origin is not listed.',
        fix: 'Add the origin of your API to allowedOrigins, or call it with an ordinary fetch.',
      },
      authorization: {
        what: 'The request has an Authorization header already.',
        fix: 'Leave it out: createAuthFetch adds it.',
      },
      postLogoutRedirectUri: {
        what: 'The postLogoutRedirectUri is neither https nor on this machine.',
        fix: 'Use a URL of this app, and register it at the server as a post-logout redirect URI.',
      },
      par: {
        what: 'The server takes pushed authorization requests only, or the option par is none that this library made.',
        fix: 'Add par: pushedAuthorizationRequest() to the options.',
      },
      dpop: {
        what: 'The option dpop is none that this library made.',
        fix: 'Pass dpop() of sotto/dpop.',
      },
    },
  },
  insecure_context: {
    what: (facts) =>
      `${pageOrigin(facts)} was loaded over plain http, where browsers have no cryptography.`,
    fix: 'Serve the app over https. http://localhost counts as secure; a name or address in the local network does not.',
  },
  not_in_browser: {
    what: 'A method was called on a server or in a worker, where there is no page.',
    fix: 'Call it in the browser only, for instance in an effect. Render with getServerSnapshot() on the server.',
  },
  disposed: {
    what: 'The client was disposed of before this call, or while it was under way.',
    fix: 'Create a new client. If you did not expect it, look for a component that disposes of a client that others still use.',
  },
}
