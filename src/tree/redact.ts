/** Removes what must not be shown from a text: passwords, tokens, and query strings, which often hold some. */

/**
 * Turns `postgres://shop:secret@db/shop` into `postgres://shop:***@db/shop`, anywhere in a text. A name of 20 or more
 * such characters is taken for an access token, which many services expect in its place.
 */
export const withoutPasswords = (text: string): string =>
  text.replace(/(:\/\/[^\s:/@"]*):[^\s/"]*@/g, "$1:***@").replace(/:\/\/[\w.~-]{20,}(?=@|:\*\*\*@)/g, "://***")

/** What stands for a secret. */
export const HIDDEN = "***"
const SECRET = "(?:pass|_pwd|secret|token|key|credential|auth|cookie|private)"
/** A whole word with that in it. */
const NAME = String.raw`(?<![\w.-])[\w.-]*${SECRET}[\w.-]*`
const VALUE = String.raw`(?:"[^"]*"|'[^']*'|[^\s"'&;#]+)`
const ASSIGNED = new RegExp(`(${NAME}=)${VALUE}`, "gi")
const FOLLOWED = new RegExp(String.raw`((?<!\S)(?=-)${NAME}\s+)${VALUE}`, "gi")
const HEADER = new RegExp(String.raw`(${NAME}:\s+)[^"'\n]+`, "gi")
/** `curl -u name:password` */
const USER = /((?<!\S)(?:-u|--user)(?:\s+|=)[^\s:]+:)[^\s"']+/g
const FLAG = new RegExp(`^(?=-)${NAME}$`, "i")

/** Does something of this name have a value that must not be shown? */
export const isSecret = (name: string): boolean => new RegExp(SECRET, "i").test(name)

/** Is the next word of a command a secret, whatever it looks like? */
export const announcesSecret = (word: string): boolean => FLAG.test(word)

/** In a command: `PGPASSWORD=x`, `--token=x`, `?key=x`; `--token x` and `Authorization: x` within a script. */
export const redactText = (text: string): string =>
  withoutPasswords(text)
    .replace(ASSIGNED, `$1${HIDDEN}`)
    .replace(FOLLOWED, `$1${HIDDEN}`)
    .replace(HEADER, `$1${HIDDEN}`)
    .replace(USER, `$1${HIDDEN}`)

/** An address to show: without password and query. */
export const shownUrl = (url: string): string => withoutPasswords(url).replace(/[?#].*$/s, (rest) => (rest.length > 1 ? `${rest[0]}…` : ""))
