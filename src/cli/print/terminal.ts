/**
 * What may reach a terminal: printable text, tabs, newlines, and colours that carry our mark. Everything that is
 * written passes `printable` last, whether it comes from a worker, a server that was checked, a tree file or ourselves:
 * nothing in it moves the cursor, clears the screen, or sets the title or the clipboard.
 */
import { randomUUID } from "node:crypto"

/** Follows the ESC of a colour that may pass. Text from elsewhere cannot know it. */
const MARK = randomUUID()

const COLOUR = /\x1b(\[[0-9:;]*m)/g

/** Only colours that have passed this function reach the terminal. */
export const keepColours = (text: string): string => (text.includes("\x1b") ? text.replace(COLOUR, `\x1b${MARK}$1`) : text)

/**
 * Control characters of ASCII and Latin-1 but tab and newline, and those of Unicode that break a line or change the
 * direction of what stands beside them.
 */
const CONTROLS = "\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u2028-\\u202e\\u2066-\\u2069"
const CONTROL = new RegExp(`[${CONTROLS}]`, "g")

/**
 * In one pass, so that what is left of one sequence cannot become another. An unfinished sequence loses its control
 * characters, and takes nothing else along.
 */
const SEQUENCES = new RegExp(
  [
    `\\x1b${MARK}(\\[[0-9:;]*m)`,
    "(?:\\x1b[\\]PX^_]|[\\x90\\x98\\x9d-\\x9f])[^\\x07\\n\\x1b\\x80-\\x9f]*(?:\\x07|\\x1b\\\\|\\x9c)", // OSC, DCS, SOS, PM, APC
    "(?:\\x1b\\[|\\x9b)[0-?]*[ -/]*[@-~]", // CSI
    "\\x1b(?!\\[)[ -/]*[0-~]?",
    `[${CONTROLS}]`
  ].join("|"),
  "g"
)

export const printable = (text: string): string =>
  text.search(CONTROL) === -1 ? text : text.replace(SEQUENCES, (_, colour?: string) => (colour === undefined ? "" : `\x1b${colour}`))

/** As JSON in which such characters are escaped, so that `printable` takes nothing away. */
export const jsonText = (value: unknown, indent?: number): string =>
  JSON.stringify(value, undefined, indent).replace(CONTROL, (control) => `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`)
