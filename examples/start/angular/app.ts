// src/app/app.ts
import { Component } from '@angular/core'
import { injectAuth } from 'sotto/angular'

@Component({
  selector: 'app-root',
  template: `
    @let session = auth.session();
    @if (session.status === 'loading') {
      <p>One moment</p>
    } @else if (session.status === 'authenticated') {
      <p>Signed in as {{ session.user.name }}</p>
      <button (click)="auth.client.logout()">Log out</button>
    } @else {
      @if (session.status === 'error') {
        <p role="alert">{{ session.error.message }}</p>
      }
      <button (click)="auth.client.loginWithRedirect()">Log in</button>
    }
  `,
})
export class App {
  protected readonly auth = injectAuth()
}
