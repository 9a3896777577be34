import type { Page } from '@playwright/test'
import type { Outcomes } from './outcomes.ts'

/** Options of a client that can be sent to a page. */
export interface Settings {
  readonly scope?: string
  /** A path below the issuer: where the server's metadata are. */
  readonly metadataPath?: string
  /** It is renewed by refresh token alone, as its frames do not work. */
  readonly refreshOnly?: boolean
  /** The option of `silentIframe`. */
  readonly idTokenHint?: boolean
}

/** A server that is running, with a public client whose pages are on the app's origin. */
export interface RunningServer {
  readonly issuer: string
  readonly clientId: string
  readonly close: () => Promise<void>
}

/** An authorization server that nobody of this project wrote. */
export interface Server {
  /** What it is called on the command line. */
  readonly name: string
  /** What it is called in the table; the version comes with the result. */
  readonly title: string
  /** How it is set up, where it is there more than once. */
  readonly variant?: string
  /** `repository`: it is among the packages that the tests need anyway. */
  readonly from: 'npm' | 'debian' | 'repository'
  /** What must be installed, by name; the first one's version is the server's. */
  readonly packages: readonly string[]
  /** Starts it; `folder` is its own, with the packages of npm in it. */
  readonly start: (folder: string, appOrigin: string) => Promise<RunningServer>
  /** The way from the server's first page to the app's callback, of a user without a session. */
  readonly logIn: (page: Page) => Promise<void>
  /** What the server's first page has that asks for the user; without one it never asks. */
  readonly loginForm?: string
  /** The way from the server's logout page back to the app, where it asks. */
  readonly confirmLogout?: (page: Page) => Promise<void>
  /** What it needs beside issuer, client ID and redirect URI. */
  readonly settings?: Settings
  /** The scope of the step by refresh token. Default: `openid profile email offline_access`. */
  readonly refreshScope?: string
  /** Where it differs from the book. */
  readonly expected?: Partial<Outcomes>
  /** What a reader must know beside the outcomes, in a sentence or two of Markdown. */
  readonly note?: string
}

/** The user of every server. */
export const USER = {
  name: 'Alice Liddell',
  login: 'alice',
  email: 'alice@example.com',
  password: 'Wonderland-1865',
} as const
