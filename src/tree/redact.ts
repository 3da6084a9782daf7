/** What must not be shown: passwords in addresses, and what stands behind a question mark there, which is often a token. */

/** `postgres://shop:secret@db/shop` is `postgres://shop:***@db/shop`, wherever in the text it stands. */
export const withoutPasswords = (text: string): string => text.replace(/(:\/\/[^\s:/@"]*):[^\s/"]*@/g, "$1:***@")

/** An address for people: without password, and without what is asked there. */
export const shownUrl = (url: string): string => withoutPasswords(url).replace(/[?#].*$/s, (rest) => (rest.length > 1 ? `${rest[0]}…` : ""))
