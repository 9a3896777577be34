export { createReactAuth } from 'sotto/react'
