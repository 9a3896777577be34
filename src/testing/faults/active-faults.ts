import type { JsonValue } from '../server/encoding.ts'
import type { Endpoint } from '../server/records.ts'
import type { Fault, FaultName, FaultNamed, Overrides } from './faults.ts'
import type { FaultEndpoint } from './transport-fault-table.ts'

/** A fault that a test has added, and how many more times it applies. */
export interface ActiveFault {
  readonly fault: Fault
  remaining: number
}

interface Faulty {
  faults: ActiveFault[]
}

function use(state: Faulty, active: ActiveFault): Fault {
  active.remaining -= 1
  if (active.remaining <= 0) state.faults = state.faults.filter((other) => other !== active)
  return active.fault
}

/** Whether there is such a fault, without counting a use of it. */
export function hasFault(state: Faulty, endpoint: FaultEndpoint, name: FaultName): boolean {
  return state.faults.some(({ fault }) => fault.endpoint === endpoint && fault.name === name)
}

/** Takes the oldest fault with one of these names, counting one use of it. */
export function takeFault<Name extends FaultName>(
  state: Faulty,
  endpoint: FaultEndpoint | Endpoint,
  ...names: readonly Name[]
): FaultNamed<Name> | undefined {
  const active = state.faults.find(
    ({ fault }) => fault.endpoint === endpoint && names.some((name) => name === fault.name),
  )
  return active && (use(state, active) as FaultNamed<Name>)
}

/** Takes every fault with this name, in the order in which they were added. */
export function takeFaults<Name extends FaultName>(
  state: Faulty,
  endpoint: FaultEndpoint,
  name: Name,
): readonly FaultNamed<Name>[] {
  return state.faults
    .filter(({ fault }) => fault.endpoint === endpoint && fault.name === name)
    .map((active) => use(state, active) as FaultNamed<Name>)
}

/** The members after every override, later ones over earlier ones. */
export function override(
  members: Readonly<Record<string, JsonValue>>,
  faults: readonly Overrides[],
): Record<string, JsonValue> {
  const result = { ...members }
  for (const { set, remove } of faults) {
    Object.assign(result, set)
    for (const name of remove ?? []) delete result[name]
  }
  return result
}
