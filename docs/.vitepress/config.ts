import { defineConfig, type HeadConfig, type MarkdownEnv } from 'vitepress'
import { dropLinksOutside, slugify } from './links.ts'
import { renderSequenceDiagram } from './sequence-diagram.ts'
import { createSidebar } from './sidebar.ts'

const SIDEBAR = createSidebar('docs', {
  'First steps': ['start', 'frameworks'],
  Providers: [
    'providers/index',
    ...['auth0', 'okta', 'keycloak', 'entra', 'cognito', 'logto', 'zitadel', 'authentik'].map(
      (name) => `providers/${name}`,
    ),
    ...['providers/generic', 'providers/google', 'servers'],
  ],
  Guides: [
    'routers',
    ...['apis', 'step-up', 'token-exchange', 'staying-signed-in', 'blocked-cookies'].map(
      (name) => `guides/${name}`,
    ),
    ...['popups', 'roles', 'logout', 'idle'].map((name) => `guides/${name}`),
    ...['several-servers', 'worker', 'dpop', 'pushed-requests', 'csp', 'deploying'].map(
      (name) => `guides/${name}`,
    ),
    'testing',
  ],
  'When it does not work': ['when-it-does-not-work', 'diagnosis', 'wrong-set-ups'],
  Moving: [
    'moving/index',
    ...['auth0-spa-js', 'oidc-client-ts', 'msal-browser', 'keycloak-js', 'implicit-flow'].map(
      (name) => `moving/${name}`,
    ),
  ],
  Reference: ['api', 'errors'],
  Types: [
    'reference/sotto',
    ...['react', 'vue', 'svelte', 'angular', 'dpop', 'worker', 'explain', 'devtools'].map(
      (name) => `reference/sotto/${name}`,
    ),
    ...['testing', 'testing/node', 'testing/playwright'].map((name) => `reference/sotto/${name}`),
  ],
  'How it works': ['how-it-works', 'faults', 'security', 'conformance', 'proof'],
})

const icon: HeadConfig = ['link', { rel: 'icon', href: 'data:,' }]

export default defineConfig({
  title: 'Sotto',
  description: 'OpenID Connect login for single-page apps',
  lang: 'en',
  head: [icon],
  cleanUrls: true,
  cacheDir: '../.cache/vitepress',
  outDir: '../.cache/docs',
  markdown: {
    // As GitHub makes them, so that a link works in both places.
    anchor: { slugify },
    config(md) {
      md.core.ruler.push('links-outside', ({ tokens, env }) =>
        dropLinksOutside(tokens, (env as MarkdownEnv).relativePath),
      )
      const renderFence = md.renderer.rules.fence
      md.renderer.rules.fence = (tokens, index, ...rest) => {
        const token = tokens[index]
        if (token?.info === 'mermaid') return renderSequenceDiagram(token.content)
        return renderFence?.(tokens, index, ...rest) ?? ''
      }
    },
  },
  themeConfig: {
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Providers', link: '/providers/' },
      { text: 'API', link: '/api' },
      { text: 'Errors', link: '/errors' },
    ],
    sidebar: SIDEBAR,
    search: { provider: 'local' },
    outline: { level: [2, 3] },
  },
})
