/** Removes what must not be shown: passwords in addresses, and query strings, which often hold tokens. */

/** Turns `postgres://shop:secret@db/shop` into `postgres://shop:***@db/shop`, anywhere in a text. */
export const withoutPasswords = (text: string): string => text.replace(/(:\/\/[^\s:/@"]*):[^\s/"]*@/g, "$1:***@")

/** An address to show: without password and query. */
export const shownUrl = (url: string): string => withoutPasswords(url).replace(/[?#].*$/s, (rest) => (rest.length > 1 ? `${rest[0]}…` : ""))
