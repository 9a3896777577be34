/**
 * What the random part of a `state` begins with, where a popup waits for the response. The page
 * that the response comes to may have neither an opener nor a name any more (COOP takes both), but
 * the server brings the state back as it was. It is a hint: who has asked knows the whole of it.
 */
export const POPUP_MARK = 'p.'

/** Whether the response with this `state` is for the page that has opened this window. */
export function isPopupState(state: string): boolean {
  return state.includes(`.${POPUP_MARK}`)
}
