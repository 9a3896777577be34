// Where the servers are. The page's content security policy names the same origins.
const meta = (name) => document.querySelector(`meta[name=${name}]`).content

export const issuer = meta('issuer')
export const api = meta('api')
/**
 * The identity provider that the authorization server trusts. Only the panel needs to know: an app
 * does not.
 */
export const provider = meta('provider')
/** Where users change their password and the like: a page of the authorization server. */
export const accountPage = `${issuer}/account`
