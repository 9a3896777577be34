/** The text of `sotto doctor --help`. */
export const doctorHelp = `Usage: sotto doctor <issuer> --client <id> --redirect <URI> [options]

Examines a set-up from outside the browser: the server's metadata, client and redirect URI, the token endpoint,
CORS, and with --app the app's own web server. Nobody is logged in, and nothing is changed.

Example:
  sotto doctor https://login.example.com --client my-spa --redirect https://app.example.com/callback \\
    --app https://app.example.com

  --client <id>         the client ID
  --redirect <URI>      the redirect URI; with --app a path will do
  --app <URL>           where the app is served: its redirect URI, headers and content security policy are looked at
  --audience <text>     sent with the authorization request
  --scope <text>        openid profile email
  --json                the findings as JSON
  --help                this text

Exit code: 0 if nothing is wrong, 1 if something is, 2 if the command line is.
`

/** The text of `sotto --help`. */
export const help = `Usage: sotto <command>

  sotto doctor <issuer>   examines a set-up; sotto doctor --help says what it takes
  sotto mock              an OpenID provider for development and tests, as sotto-mock; sotto mock --help
`
