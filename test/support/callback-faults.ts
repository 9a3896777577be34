type Parameters = readonly (readonly [name: string, value: string])[]

/**
 * What a hostile response is made of: the answer that the server would give, and that of somebody
 * else's login.
 */
export interface Material {
  readonly own: { readonly state: string; readonly iss: string; readonly code: string }
  readonly tag: string
  readonly others: { readonly state: string; readonly code: string }
}

export interface CallbackFault {
  readonly name: string
  readonly parameters: (material: Material) => Parameters
  readonly outcome: string
  /** Whether the login under way can still be finished. */
  readonly pending: 'kept' | 'spent'
  readonly inFragment?: boolean
  /** A response of somebody else's is not taken out of the address. */
  readonly leftAlone?: boolean
  readonly tokenRequests?: number
}

const good = ({ own: { code, state, iss } }: Material): Parameters => [
  ['code', code],
  ['state', state],
  ['iss', iss],
]

/** The good answer with some parameters changed; undefined leaves one out. */
const changed =
  (changes: Readonly<Record<string, string | undefined>>) =>
  (material: Material): Parameters => {
    const { code, state, iss } = material.own
    return Object.entries({ code, state, iss, ...changes }).filter(
      (pair): pair is [string, string] => pair[1] !== undefined,
    )
  }

const refusedBefore: readonly CallbackFault[] = [
  // covers fault:callback-forged
  {
    name: 'a state that nobody waits for',
    parameters: ({ tag, own }) => [
      ['code', 'x'],
      ['state', `${tag}.${'A'.repeat(43)}`],
      ['iss', own.iss],
    ],
    outcome: 'state_unknown',
    pending: 'kept',
  },
  // covers fault:callback-attackers-login fault:callback-other-browser
  {
    name: 'the code and state of a login in another browser',
    parameters: ({ others, own }) => [
      ['code', others.code],
      ['state', others.state],
      ['iss', own.iss],
    ],
    outcome: 'state_unknown',
    pending: 'kept',
  },
  // covers fault:callback-error-link
  {
    name: 'an error that nobody waits for',
    parameters: ({ tag }) => [
      ['error', 'login_required'],
      ['state', `${tag}.${'A'.repeat(43)}`],
    ],
    outcome: 'state_unknown',
    pending: 'kept',
  },
  // covers fault:callback-no-state
  {
    name: 'no state',
    parameters: changed({ state: undefined }),
    outcome: 'state_unknown',
    pending: 'kept',
    leftAlone: true,
  },
  // covers fault:callback-no-state
  {
    name: 'an empty state',
    parameters: changed({ state: '' }),
    outcome: 'state_unknown',
    pending: 'kept',
    leftAlone: true,
  },
  // covers fault:callback-parameter-twice
  ...(['code', 'state', 'iss', 'error'] as const).map((name): CallbackFault => ({
    name: `${name} twice`,
    parameters: (material) => [
      ...good(material),
      [name, material.own[name as 'code'] ?? 'x'],
      ...(name === 'error' ? [['error', 'y'] as const] : []),
    ],
    outcome: 'callback_invalid/duplicate',
    pending: 'kept',
  })),
  // covers fault:callback-tokens
  ...['access_token', 'id_token', 'token', 'response'].flatMap((name) =>
    [true, false].map((inFragment): CallbackFault => ({
      name: `${name} in the ${inFragment ? 'fragment' : 'query'}`,
      parameters: changed({ [name]: 'x' }),
      outcome: 'callback_invalid/tokens',
      pending: 'kept',
      inFragment,
    })),
  ),
  // covers fault:callback-megabyte
  ...['code', 'iss', 'error'].map((name): CallbackFault => ({
    name: `${name} of a megabyte`,
    parameters: changed({ [name]: 'x'.repeat(1_000_000) }),
    outcome: 'state_unknown',
    pending: 'kept',
    leftAlone: true,
  })),
  ...['code', 'iss', 'error'].map((name): CallbackFault => ({
    name: `${name} of ten kilobytes`,
    parameters: changed({ [name]: 'x'.repeat(10_000) }),
    outcome: 'callback_invalid/size',
    pending: 'kept',
  })),
  // covers fault:callback-megabyte
  {
    name: 'a state of a megabyte',
    parameters: ({ tag }) => [
      ['code', 'x'],
      ['state', `${tag}.${'x'.repeat(1_000_000)}`],
    ],
    outcome: 'state_unknown',
    pending: 'kept',
    leftAlone: true,
  },
]

const refusedAfter: readonly CallbackFault[] = [
  ...[
    // covers fault:callback-empty
    ['neither code nor error', { code: undefined }],
    ['an empty code', { code: '' }],
  ].map(([name, changes]): CallbackFault => ({
    name: name as string,
    parameters: changed(changes as Record<string, string>),
    outcome: 'callback_invalid/code',
    pending: 'spent',
  })),
  ...[
    // covers fault:callback-iss-missing
    ['no iss', undefined],
    // covers fault:callback-iss-missing
    ['an empty iss', ''],
    ['iss of another server', 'https://login.evil.example'],
    ['iss with a slash more', 'https://login.example.com/'],
    ['iss in capitals', 'HTTPS://LOGIN.EXAMPLE.COM'],
    // covers fault:callback-iss-other
    ['iss that was encoded twice', encodeURIComponent('https://login.example.com')],
  ].map(([name, iss]): CallbackFault => ({
    name: name!,
    parameters: changed({ iss }),
    outcome: 'issuer_mismatch',
    pending: 'spent',
  })),
  // covers fault:callback-error-and-code
  {
    name: 'an error beside a code',
    parameters: changed({ error: 'temporarily_unavailable' }),
    outcome: 'authorization_error',
    pending: 'spent',
  },
  // covers fault:callback-html-description
  {
    name: 'an error with 30 kB of HTML as its description',
    parameters: changed({
      code: undefined,
      error: 'access_denied',
      error_description: '<script>\0\u202E'.repeat(1000),
    }),
    outcome: 'access_denied',
    pending: 'spent',
  },
  // covers fault:callback-other-code
  {
    name: 'the code of another login with the state of our own',
    parameters: (material) => changed({ code: material.others.code })(material),
    outcome: 'token_error',
    pending: 'spent',
    tokenRequests: 1,
  },
]

/** What may arrive at the redirect URI in place of the answer that is waited for. */
export const callbackFaults: readonly CallbackFault[] = [...refusedBefore, ...refusedAfter]
