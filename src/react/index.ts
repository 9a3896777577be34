/**
 * Hooks and a guard for React.
 *
 * @module sotto/react
 */
export {
  createReactAuth,
  type AuthProviderProps,
  type ReactAuth,
  type RequireAuthProps,
} from './react-auth.ts'
