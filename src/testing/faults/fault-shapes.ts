import { checkShape, type Kind, type Shape } from '../control/shape.ts'
import type { Fault, FaultName, FaultTable, WebMessageVariant } from './faults.ts'
import type { FaultEndpoint } from './transport-fault-table.ts'

/** The endpoints that can be made to fail. */
export const faultEndpoints: readonly FaultEndpoint[] = [
  'discovery',
  'jwks',
  'authorize',
  'par',
  'token',
  'userinfo',
  'revocation',
  'endSession',
]

const everywhere = faultEndpoints

const webMessageVariants: readonly WebMessageVariant[] = [
  'flat',
  'flatWithType',
  'wrongState',
  'relayRequest',
  'twice',
  'late',
  'none',
  'garbageFirst',
  'navigate',
]

type Members<Parameters, Optional> = {
  readonly [
    Member in keyof Parameters as object extends Pick<Parameters, Member>
      ? Optional extends true
        ? Member
        : never
      : Optional extends true
        ? never
        : Member
  ]-?: Kind
}

/**
 * [endpoints, required parameters, optional parameters]: the compiler holds it to {@link
 * FaultTable}.
 */
type FaultShapes = {
  readonly [Name in FaultName]: readonly [
    endpoints: readonly FaultTable[Name]['endpoint'][],
    required: Members<FaultTable[Name]['parameters'], false>,
    optional: Members<FaultTable[Name]['parameters'], true>,
  ]
}

const replacement = { afterProcessing: 'boolean' } as const
const overrides = { set: 'object', remove: 'strings' } as const
const oauthErrorDetails = {
  description: 'string',
  status: 'number',
  contentType: 'string',
} as const

const faultShapes: FaultShapes = {
  delay: [everywhere, { ms: 'number' }, {}],
  lateAnswer: [everywhere, { ms: 'number' }, {}],
  hang: [everywhere, {}, replacement],
  drop: [everywhere, {}, replacement],
  truncated: [everywhere, {}, {}],
  slowBody: [everywhere, { ms: 'number' }, {}],
  huge: [everywhere, { bytes: 'number' }, {}],
  status: [
    everywhere,
    { status: 'number' },
    { body: 'string', contentType: 'string', headers: 'texts', ...replacement },
  ],
  retryLater: [everywhere, { retryAfterSeconds: 'number' }, { status: 'number', ...replacement }],
  gatewayError: [everywhere, {}, { status: 'number', ...replacement }],
  html: [everywhere, {}, replacement],
  empty: [everywhere, {}, replacement],
  noContent: [everywhere, {}, replacement],
  redirect: [everywhere, { location: 'string' }, { status: 'number', ...replacement }],
  headers: [everywhere, {}, { set: 'texts', remove: 'strings' }],
  noCors: [everywhere, {}, {}],
  download: [everywhere, {}, {}],
  metadata: [['discovery'], {}, overrides],
  trailingSlash: [['discovery'], {}, {}],
  keySet: [['jwks'], {}, overrides],
  keyMembers: [['jwks'], {}, overrides],
  oauthError: [
    ['token', 'revocation', 'par'],
    { error: 'string' },
    { ...oauthErrorDetails, ...replacement },
  ],
  refreshError: [['token'], { error: 'string' }, oauthErrorDetails],
  tokenResponse: [['token'], {}, overrides],
  pushedResponse: [['par'], {}, overrides],
  dpopNonceRefused: [['token', 'userinfo', 'par'], {}, {}],
  idTokenClaims: [['token'], {}, { ...overrides, shift: 'numbers' }],
  idTokenHeader: [['token'], {}, overrides],
  idTokenAlg: [['token'], { alg: ['none', 'HS256'] }, { secret: ['publicKey', 'empty'] }],
  idTokenSignature: [['token'], {}, {}],
  authorizationResponse: [['authorize'], {}, { ...overrides, duplicate: 'strings' }],
  responseModeIgnored: [['authorize'], {}, {}],
  scriptedRedirect: [['authorize'], {}, {}],
  promptNoneIgnored: [['authorize'], {}, {}],
  interactivePage: [['authorize'], {}, {}],
  noSession: [['authorize'], {}, {}],
  hintRequired: [['authorize'], {}, {}],
  webMessage: [
    ['authorize'],
    { variant: webMessageVariants },
    { ms: 'number', location: 'string' },
  ],
  webMessageStatus: [['authorize'], { status: 'number' }, {}],
  xFrameOptions: [['authorize'], {}, { value: 'string' }],
  frameAncestors: [['authorize'], {}, { value: 'string' }],
  userinfoResponse: [['userinfo'], {}, overrides],
  endSessionResponse: [['endSession'], {}, overrides],
}

/** Throws a TypeError unless there is a fault of that name. */
export function checkFaultName(name: string): asserts name is FaultName {
  if (Object.hasOwn(faultShapes, name)) return
  const names = Object.keys(faultShapes).join(', ')
  throw new TypeError(`there is no fault "${name}"; there are: ${names}`)
}

function shapeOf(name: string): Shape {
  checkFaultName(name)
  const [endpoints, required, optional] = faultShapes[name]
  return {
    required: { name: 'string', endpoint: endpoints, ...required },
    optional: { times: 'number', ...optional },
  }
}

/**
 * Turns what a test asked for into a fault, or throws a TypeError that says what is wrong with it.
 */
export function parseFault(input: unknown): Fault {
  const name = (input as { readonly name?: unknown } | null | undefined)?.name
  const fault = checkShape(`the fault "${String(name)}"`, input, shapeOf(String(name)))
  const { times = 1, variant, ms, location } = fault
  if (!Number.isInteger(times) || Number(times) < 1) {
    throw new TypeError(`the fault "${String(name)}" needs "times" to be a whole number from 1`)
  }
  if (variant === 'late' && ms === undefined) throw new TypeError('the variant "late" needs "ms"')
  if (variant === 'navigate' && location === undefined) {
    throw new TypeError('the variant "navigate" needs "location"')
  }
  return fault as unknown as Fault
}
