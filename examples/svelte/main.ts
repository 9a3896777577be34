import { mount } from 'svelte'
import { auth } from '../shared/auth.ts'
import App from './App.svelte'

void auth.start()
mount(App, { target: document.getElementById('app')! })
