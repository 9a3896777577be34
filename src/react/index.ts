export {
  createReactAuth,
  type AuthProviderProps,
  type ReactAuth,
  type RequireAuthProps,
} from './react-auth.ts'
