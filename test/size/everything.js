import * as sotto from 'sotto'

window.sotto = sotto
