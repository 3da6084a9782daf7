/** Patterns: what they match, which are refused and why, and that none takes long. */
import { describe, expect, it } from "vitest"
import { compile, MATCH_LIMIT, whyInvalid } from "../../src/tree/pattern.ts"

describe("a pattern", () => {
  it.for([
    ["ready", "server ready", true],
    ["^ready$", "server ready", false],
    ["listening on (?:localhost|\\*):\\d+", "listening on localhost:8080", true],
    ["^[0-9a-f]{40}$", "0123456789abcdef0123456789abcdef01234567", true],
    ["\\bup\\b", "it is up.", true],
    ["http:\\/\\/\\S+", "at http://localhost/", true],
    ["\\u00e9t\\xe9", "été", true],
    ["(?<port>\\d+)$", "port 80", true],
    ["^.{0,100}!$", "now!", true]
  ] as const)("/%s/ in %s: %s", ([pattern, text, expected]) => expect(compile(pattern).test(text)).toBe(expected))

  it.for([
    ["(", "missing closing ), at ("],
    ["[a-", "missing closing ], at [a-"],
    ["*a", "missing argument to repetition operator, at *"],
    ["a(?=b)", "look-around is not supported, as its time has no bound"],
    ["(?<!a)b", "look-around is not supported, as its time has no bound"],
    ["(a)\\1", "back references are not supported, as their time has no bound"],
    ["(?<n>a)\\k<n>", "back references are not supported, as their time has no bound"],
    ["(a{1,100}){1,100}", "invalid repeat count, at {1,100}"],
    ["(a|aa){1,200}", "its repetitions make it too large to be matched quickly"],
    ["\\\\k<n>", undefined]
  ] as const)("/%s/ is refused: %s", ([pattern, why]) => expect(whyInvalid(pattern)).toBe(why))

  // With the engine of JavaScript each of these takes longer than anybody would wait.
  it.for(["^(a+)+$", "(a*)*b", "^(\\w+\\s?)*$", "(a|aa)+$", "(.*)*(.*)*x", "(a{1,10}){1,10}$", "(a|b)*a(a|b){80}$"])(
    "/%s/ ends on the longest line",
    (pattern) => void compile(pattern).test(`${"a".repeat(MATCH_LIMIT - 1)}!`)
  )
})
