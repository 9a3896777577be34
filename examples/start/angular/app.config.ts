// src/app/app.config.ts
import type { ApplicationConfig } from '@angular/core'
import { provideRouter } from '@angular/router'
import { provideAuth } from 'sotto/angular'
import { auth } from './auth'

export const appConfig: ApplicationConfig = {
  providers: [provideRouter([{ path: 'callback', children: [] }]), provideAuth(auth)],
}
