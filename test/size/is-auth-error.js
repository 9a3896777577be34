import { isAuthError } from 'sotto'

export const describe = (error) => (isAuthError(error) ? error.code : undefined)
