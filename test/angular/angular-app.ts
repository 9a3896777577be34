import '@angular/compiler'
import type { EnvironmentProviders, Provider } from '@angular/core'
import { createApplication } from '@angular/platform-browser'
import { onTestFinished } from 'vitest'

/** What an app provides, without a component: ends with the test. */
export async function createInjector(providers: (Provider | EnvironmentProviders)[]) {
  const app = await createApplication({ providers })
  onTestFinished(() => app.destroy())
  return app.injector
}
