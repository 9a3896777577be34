import type { Page } from '@playwright/test'
import type { TokenOptions } from 'sotto'
import type { SeenRequest } from 'sotto/testing'
import type { Pair } from './serve.ts'

/** Client settings of an app that lets Sotto redirect. */
export const redirecting = { onLoginRequired: 'redirect' } as const

/** Calls without waiting: the page leaves. */
export function callAndLeave(
  page: Page,
  options: Pick<TokenOptions, 'audience' | 'scope' | 'cacheMode'> & {
    readonly onLoginRequired?: 'redirect'
  } = {},
): Promise<void> {
  return page.evaluate((all) => void auth.getTokenSilently(all), options)
}

/** The authorization requests for which a page was left. */
export function redirectsOf({ control }: Pair): SeenRequest[] {
  return control
    .requests({ endpoint: 'authorize' })
    .filter(({ secFetchDest }) => secFetchDest === 'document')
}
