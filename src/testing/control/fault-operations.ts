import { checkFaultName, parseFault } from '../faults/fault-shapes.ts'
import type { ServerState } from '../server/state.ts'
import type { AuthorizationServerControl } from './control.ts'

/** What the control does with faults. */
export function faultOperations(
  state: ServerState,
): Pick<AuthorizationServerControl, 'addFault' | 'clearFaults'> {
  return {
    addFault(input) {
      const fault = parseFault(input)
      state.faults = [...state.faults, { fault, remaining: fault.times ?? Infinity }]
    },
    clearFaults({ endpoint, name } = {}) {
      if (name !== undefined) checkFaultName(name)
      state.faults = state.faults.filter(({ fault }) => {
        const isMeant = endpoint === undefined || fault.endpoint === endpoint
        return !isMeant || (name !== undefined && fault.name !== name)
      })
    },
  }
}
