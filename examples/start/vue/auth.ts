export { auth } from '../../shared/auth.ts'
