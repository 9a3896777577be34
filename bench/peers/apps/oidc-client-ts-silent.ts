// The page in its frame.
import { UserManager } from 'oidc-client-ts'

await new UserManager({ authority: '', client_id: '', redirect_uri: '' }).signinSilentCallback()
