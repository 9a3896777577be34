import { createErrorPages } from '../.vitepress/error-pages.ts'

export default {
  paths: () => createErrorPages('docs/errors.md'),
}
