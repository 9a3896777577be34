export { createAuthGuard, useAuth } from 'sotto/vue'
