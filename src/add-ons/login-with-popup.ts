import type { AuthClient } from '../client/auth-client.ts'
import { enterLogin } from '../client/enter-login.ts'
import { ownFields } from '../protocol/without-prototype.ts'
import type { User } from '../session/auth-snapshot.ts'
import type { PopupOptions } from './popup-options.ts'
import { requestByPopup } from './popup-request.ts'

/** How a login in a popup ended. */
export interface PopupResult<U extends object = User> {
  readonly user: U
  /** As given to `loginWithPopup`. */
  readonly appState: unknown
}

/**
 * Has the user log in in a popup, while this page stays as it is. To be called in the click itself,
 * before anything else is waited for: browsers block a popup that comes later. While it is open,
 * the same call again brings it to the front and waits with the first.
 *
 * Signs the user in as a login by redirect does: in all tabs, also after a logout, also as another
 * user.
 *
 * @throws AuthError `popup_blocked` where the browser allows none, or (reason `already_open`) one
 *   is open for something else; `popup_closed` where the user has closed it; `popup_timeout`;
 *   `logged_out` where a logout overtook it; `config_invalid`, and what `handleRedirectCallback`
 *   does, with the `appState` of the login
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.1 RFC 6749, section 4.1}
 * @example
 * ```ts
 * button.addEventListener('click', async () => {
 *   const { user } = await loginWithPopup(auth)
 * })
 * ```
 */
export async function loginWithPopup<U extends object>(
  auth: AuthClient<U>,
  options: PopupOptions = {},
): Promise<PopupResult<U>> {
  return requestByPopup<PopupResult<U>>(auth, ownFields(options), {
    name: 'login',
    check: () => {},
    finish: async ({ context, ...login }) => {
      // As after a login by redirect: nothing goes in a circle.
      context.redirects.reset()
      const { user, appState } = await enterLogin(context.owner, login)
      return { user: user as U, appState }
    },
  })
}
