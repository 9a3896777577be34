export { dpop } from './dpop.ts'
export type { TokenBinding } from '../protocol/token-binding.ts'
