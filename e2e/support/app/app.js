// Hands the library to the test and does nothing of its own: it takes nothing from the URL either.
import * as sotto from '/sotto.js'

window.sotto = sotto
