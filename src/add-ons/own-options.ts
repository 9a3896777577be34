import { ownFields } from '../protocol/without-prototype.ts'

/** The options of a binding as they come in, without what somebody put on `Object.prototype`. */
export function ownOptions<Options extends object>(options: Options): Options {
  return ownFields<Options>(options)
}
