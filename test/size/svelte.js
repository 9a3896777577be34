export { sessionStore } from 'sotto/svelte'
