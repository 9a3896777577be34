import { HttpClient } from '@angular/common/http'
import { Component, computed, inject } from '@angular/core'
import { toSignal } from '@angular/core/rxjs-interop'
import { Router, RouterLink, RouterOutlet } from '@angular/router'
import type { AuthError } from 'sotto'
import { injectAuth } from 'sotto/angular'

@Component({
  selector: '[id=app]',
  imports: [RouterOutlet],
  template: `<router-outlet />`,
})
export class App {}

/** The name of the user who is signed in. */
function injectName() {
  const { session } = injectAuth()
  return computed(() => {
    const current = session()
    return current.status === 'authenticated' ? current.user.name : undefined
  })
}

@Component({
  imports: [RouterLink],
  template: `
    <h1>Home</h1>
    <p>{{ name() ? 'Signed in as ' + name() : 'Not signed in' }}</p>
    <nav>
      <a routerLink="/orders" [queryParams]="{ page: 2 }">Orders</a>
      @if (name()) {
        <button (click)="client.logout()">Log out</button>
      }
    </nav>
  `,
})
export class Home {
  readonly client = injectAuth().client
  readonly name = injectName()
}

@Component({
  imports: [RouterLink],
  template: `
    <h1>Orders of {{ name() }}</h1>
    <ul>
      @for (order of orders(); track order) {
        <li>{{ order }}</li>
      }
    </ul>
    <nav>
      <a routerLink="/">Home</a>
      <button (click)="client.logout()">Log out</button>
    </nav>
  `,
})
export class Orders {
  readonly client = injectAuth().client
  readonly name = injectName()
  readonly orders = toSignal(inject(HttpClient).get<string[]>('/api/orders'))
}

@Component({ template: `<p>One moment</p>` })
export class Pending {}

@Component({
  template: `
    <p role="alert">{{ error.code }}</p>
    <button (click)="client.loginWithRedirect()">Try again</button>
  `,
})
export class Failed {
  readonly client = injectAuth().client
  readonly error = inject(Router).currentNavigation()?.extras.info as AuthError
}
