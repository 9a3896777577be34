import { Component, computed, DestroyRef, inject, signal, type Signal } from '@angular/core'
import { Router, RouterLink, RouterOutlet } from '@angular/router'
import { auth } from './auth.ts'
import { describe, nameUser, ORDERS, texts } from './page.ts'

function injectUser(): Signal<string> {
  const session = signal(auth.getSnapshot())
  inject(DestroyRef).onDestroy(auth.subscribe(() => session.set(auth.getSnapshot())))
  return computed(() => nameUser(session()))
}

@Component({
  selector: '[id=app]',
  imports: [RouterOutlet],
  template: `<router-outlet />`,
})
export class App {}

@Component({
  imports: [RouterLink],
  template: `
    <h1>{{ texts.home }}</h1>
    <p>{{ user() }}</p>
    <a [routerLink]="link.pathname" [queryParams]="link.query" [fragment]="link.fragment">
      {{ texts.orders }}
    </a>
    <button (click)="logOut()">{{ texts.logOut }}</button>
  `,
})
export class Home {
  readonly texts = texts
  readonly user = injectUser()
  readonly link = readLink()

  logOut(): void {
    void auth.logout()
  }
}

@Component({
  imports: [RouterLink],
  template: `
    <h1>{{ texts.orders }}</h1>
    <p>{{ user() }}</p>
    <output>{{ url }}</output>
    <a routerLink="/">{{ texts.home }}</a>
  `,
})
export class Orders {
  readonly texts = texts
  readonly user = injectUser()
  readonly url = inject(Router).url
}

@Component({ template: texts.signingIn })
export class SigningIn {}

@Component({ template: `<h1>${texts.notFound}</h1>` })
export class NotFound {}

/** Shows what went wrong with the route that is in the address bar. */
@Component({
  template: `
    <p role="alert">{{ error }}</p>
    <button (click)="tryAgain()">{{ texts.tryAgain }}</button>
  `,
})
export class Failed {
  readonly texts = texts
  readonly error = describe(inject(Router).currentNavigation()?.extras.info)

  tryAgain(): void {
    void auth.loginWithRedirect()
  }
}

function readLink() {
  const { pathname, searchParams, hash } = new URL(ORDERS, location.origin)
  return { pathname, query: Object.fromEntries(searchParams), fragment: hash.slice(1) }
}
