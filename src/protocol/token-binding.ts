/**
 * What the option `dpop` takes: `dpop()` of `sotto/dpop`. It brings its code with it, so that an
 * app without it does not carry it.
 */
export interface TokenBinding {
  /** For this library alone. */
  readonly open: (...internal: never) => unknown
}
