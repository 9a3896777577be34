import { refuse, type AuthorizationError } from './oauth-error.ts'

const prompts = ['none', 'login', 'select_account', 'consent']
const mayRepeat = ['resource']

const repeated = (parameters: URLSearchParams): string | undefined =>
  [...new Set(parameters.keys())].find(
    (name) => !mayRepeat.includes(name) && parameters.getAll(name).length > 1,
  )

/** The words of a parameter. */
export const words = (value: string | null): readonly string[] =>
  value?.split(' ').filter(Boolean) ?? []

type Check = (parameters: URLSearchParams) => AuthorizationError | undefined

/** The request is malformed. */
export const invalid = (description: string): AuthorizationError =>
  refuse('invalid_request', description)

/** Every check, in the order of what a client has to mend first. */
export const checks: readonly Check[] = [
  (p) => {
    const name = repeated(p)
    return name === undefined ? undefined : invalid(`"${name}" is there more than once`)
  },
  (p) => (p.has('request') ? refuse('request_not_supported', 'no request objects') : undefined),
  (p) =>
    p.has('request_uri') ? refuse('request_uri_not_supported', 'no request objects') : undefined,
  (p) => (p.has('response_type') ? undefined : invalid('response_type is missing')),
  (p) =>
    p.get('response_type') === 'code'
      ? undefined
      : refuse('unsupported_response_type', 'the response type must be code'),
  (p) => (p.get('scope')?.trim() ? undefined : refuse('invalid_scope', 'scope is missing')),
  (p) =>
    /^[\w-]{43}$/.test(p.get('code_challenge') ?? '')
      ? undefined
      : invalid('code_challenge is missing or malformed'),
  (p) =>
    p.get('code_challenge_method') === 'S256'
      ? undefined
      : invalid('code_challenge_method must be S256'),
  (p) =>
    words(p.get('prompt')).every((prompt) => prompts.includes(prompt))
      ? undefined
      : invalid('unknown prompt'),
  (p) => {
    const prompt = words(p.get('prompt'))
    return prompt.includes('none') && prompt.length > 1
      ? invalid('prompt none must stand alone')
      : undefined
  },
  (p) =>
    p.has('max_age') && !/^\d{1,10}$/.test(p.get('max_age') ?? '')
      ? invalid('max_age must be a number of seconds')
      : undefined,
  (p) =>
    p.has('dpop_jkt') && !/^[\w-]{43}$/.test(p.get('dpop_jkt') ?? '')
      ? invalid('dpop_jkt must be a thumbprint')
      : undefined,
  (p) =>
    p.getAll('resource').every((uri) => URL.canParse(uri) && !uri.includes('#'))
      ? undefined
      : refuse('invalid_target', 'resource must be an absolute URI without a fragment'),
]
