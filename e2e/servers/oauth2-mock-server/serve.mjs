import { OAuth2Server } from 'oauth2-mock-server'

const [issuer] = process.argv.slice(2)
const server = new OAuth2Server()
await server.issuer.keys.generate('RS256')
await server.start(Number(new URL(issuer).port), 'localhost')
