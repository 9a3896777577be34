import { mount } from 'svelte'
import { auth } from './auth'
import App from './App.svelte'

void auth.start()
mount(App, { target: document.getElementById('app')! })
