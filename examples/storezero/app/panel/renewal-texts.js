// Says in words how a renewal was done, and why the ones tried before it gave up.
const names = {
  silent_iframe: 'hidden frame',
  refresh_token: 'refresh token',
  silent_redirect: 'redirect of the page',
}

/** By the reason, else by the code; docs/errors.md has them all. */
const whys = {
  no_refresh_token: 'there is none',
  in_doubt: 'its last answer was lost, so it is tried last',
  outcome_unknown: 'its last answer was lost, and it waits a moment',
  max_age: 'the sign-in is too long ago for it',
  audience_mismatch: 'the server gives none for this API',
  content_type: 'a page in place of the answer',
  refused_before: 'the server has refused it',
  invalid_grant: 'the server takes it no more',
  lock_timeout: 'another tab is at it',
  page_stayed: 'the page was not left',
  framed: 'not in a frame',
  not_at_start: 'only when the page is loaded',
  asked_before: 'it has asked a moment ago',
  redirect_loop: 'it has asked too often',
  cookies_blocked_suspected: 'the server’s cookies may not reach it',
  login_required: 'the server wants a sign-in',
  session_expired: 'the session has ended',
  network_error: 'the server is not reached',
  discovery_failed: 'the server is not reached',
  no_answer: 'no answer',
  silent_timeout: 'no answer in time',
  timeout: 'no answer in time',
}

const tellAttempt = ({ strategy, code, reason }) =>
  `${names[strategy] ?? strategy}: ${whys[reason] ?? whys[code] ?? [code, reason].filter(Boolean).join(', ')}`

/** @param renewal what the event `renewal` tells */
export function tellRenewal({ outcome, strategy, attempts }) {
  const steps = attempts.map(tellAttempt)
  if (outcome === 'success') steps.push(names[strategy] ?? strategy ?? 'another tab did it')
  return steps.join(', then ') || 'nothing was tried'
}
