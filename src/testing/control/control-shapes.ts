import { faultEndpoints } from '../faults/fault-shapes.ts'
import type { Lives } from '../server/options.ts'
import type { Endpoint } from '../server/records.ts'
import type { AuthorizationServerControl } from './control.ts'
import { checkShape, type Kind, type Shape } from './shape.ts'

const endpoints: readonly Endpoint[] = [...faultEndpoints, 'login', 'account', 'idpCallback']

const lives: Readonly<Record<keyof Lives, Kind>> = {
  accessTokenSeconds: 'number',
  idTokenSeconds: 'number',
  refreshTokenSeconds: 'number',
  rotationGraceSeconds: 'number',
  codeSeconds: 'number',
  sessionIdleSeconds: 'number',
  sessionAbsoluteSeconds: 'number',
  secondFactorSeconds: 'number',
}

/** What each operation is told; a fault checks itself. */
const shapes: Readonly<Record<keyof AuthorizationServerControl, Shape | 'fault'>> = {
  snapshot: {},
  requests: { optional: { endpoint: endpoints } },
  clearRequests: {},
  sessions: {},
  endSessions: { optional: { user: 'string' } },
  revokeRefreshTokens: { optional: { user: 'string' } },
  changePassword: { required: { user: 'string', password: 'string' } },
  changeEmail: { required: { user: 'string', email: 'string' } },
  changePhone: { required: { user: 'string', phone: 'string' } },
  signIn: { required: { user: 'string' }, optional: { secondFactor: 'boolean' } },
  authorize: { required: { url: 'string' }, optional: { user: 'string' } },
  advanceClock: { required: { seconds: 'number' } },
  setLatency: { required: { endpoint: endpoints, ms: 'number' } },
  setLives: { optional: lives },
  setRefreshTokenRotation: { required: { enabled: 'boolean' } },
  addFault: 'fault',
  clearFaults: { optional: { endpoint: faultEndpoints, name: 'string' } },
  rotateKeys: { optional: { keepOld: 'boolean' } },
  reset: {},
}

type Operation = (told: unknown) => unknown

const isOperation = (op: unknown): op is keyof AuthorizationServerControl =>
  typeof op === 'string' && Object.hasOwn(shapes, op)

/** The same operations, each refusing what it does not know. */
export function checkedOperations(
  operations: AuthorizationServerControl,
): AuthorizationServerControl {
  const checked = Object.entries(shapes).map(([op, shape]): [string, Operation] => {
    const run = operations[op as keyof AuthorizationServerControl] as Operation
    return [
      op,
      (told = {}) =>
        run(shape === 'fault' ? told : checkShape(`the operation "${op}"`, told, shape)),
    ]
  })
  return Object.fromEntries(checked) as unknown as AuthorizationServerControl
}

/** Runs `{ op, … }` as it comes over HTTP. */
export async function runOperation(
  control: AuthorizationServerControl,
  input: unknown,
): Promise<unknown> {
  if (typeof input !== 'object' || input === null) throw new TypeError('the body must be an object')
  const { op, ...told } = input as { readonly op?: unknown }
  if (!isOperation(op)) {
    throw new TypeError(
      `there is no operation "${String(op)}"; there are: ${Object.keys(shapes).join(', ')}`,
    )
  }
  return (control[op] as Operation)(told)
}
