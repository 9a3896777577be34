/** The text of `--help`. */
export const helpText = `Usage: sotto-mock [options]

An OpenID provider for development and tests. It keeps everything in memory, and whoever reaches it can log in
as anybody: never let others reach it.

Example:
  sotto-mock --app http://localhost:1234 --user carol:secret

Where it is
  --port <number>                     4000
  --host <name>                       127.0.0.1
  --issuer <url>                      http://localhost:<port>; for instance where a proxy stands before it
  --api <number>                      the port of an echo API, which checks access tokens

Who it knows
  --app <URL>                         another address of the client app, which knows /callback and / at the ports 3000,
                                      4173, 4200, 5173 and 8080 of localhost; again for more
  --client <id>=<redirect URI>        a client in place of app; again for more clients or more URIs
  --post-logout <URI>                 where a logout may return to, for every client; again for more
  --user <name>:<password>            alice:alice and bob:bob; again for more

How long things live
  --access-token-seconds <number>     300
  --id-token-seconds <number>         300
  --refresh-token-seconds <number>    2592000
  --rotation-grace-seconds <number>   0; how long a rotated refresh token is taken once more
  --code-seconds <number>             60
  --session-idle-seconds <number>     28800
  --session-absolute-seconds <number> 604800
  --second-factor-seconds <number>    43200; how long a second factor counts

How it behaves
  --name <text>                       what its pages call it: Sotto mock
  --accent <#rrggbb>                  the color of its pages
  --identity-provider <name>=<issuer> a button to log in there, where this server is the client sotto-mock with the
                                      redirect URI <issuer>/idp/callback; again for more
  --second-factor                     asks every user for a one-time code, which the page shows
  --same-site <lax|none|strict>       of its cookies: lax; none over https
  --signing-alg <RS256|ES256>         RS256
  --no-web-message                    does not offer response_mode=web_message
  --no-rotate                         refresh tokens are not used up by their use
  --no-end-session                    has no end_session_endpoint
  --check-session                     has a check_session_iframe
  --pushed-requests <off|optional|required>
                                      optional; whether authorization requests can or must be pushed
  --dpop-nonces                       wants a nonce of its own in each DPoP proof
  --no-control                        has no /control, where tests look and change
  --control-origin <origin>           whose pages may use /control; again for more

  --help                              this text
`
