export { bearer, injectAuth, provideAuth, requireAuth, requireAuthIf } from 'sotto/angular'
