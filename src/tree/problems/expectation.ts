/** What a schema says to a person: what it expects, and what was probably meant. Carried as the annotation `hint`. */
import { nearest } from "./nearest.ts"

export interface Expectation {
  /** Completes "found …, expected …". */
  readonly expected: string | ((found: unknown) => string)
  /** Completes "Did you mean …?". */
  readonly suggest?: (found: unknown) => string | undefined
}

declare module "effect/Schema" {
  namespace Annotations {
    interface Annotations {
      readonly hint?: Expectation | undefined
    }
  }
}

/** A hint as annotations; where the expectation is fixed, it is also the description in the JSON schema. */
export const expectation = (expected: Expectation["expected"], suggest?: Expectation["suggest"]) => ({
  hint: suggest === undefined ? { expected } : { expected, suggest },
  ...(typeof expected === "string" ? { description: expected } : {})
})

/** `"a", "b" or "c"`. */
export const listed = (words: ReadonlyArray<string>): string =>
  words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`

/** The hint of a choice between words. `synonyms`: what others call them (in lower case). */
export const choice = (words: ReadonlyArray<string>, synonyms: Synonyms = {}) =>
  expectation(listed(words.map((word) => JSON.stringify(word))), (found) => {
    const word = typeof found === "object" ? undefined : meant(String(found), words, synonyms)
    return word === undefined ? undefined : JSON.stringify(word)
  })

/** What others say, and what we say for it. */
export interface Synonyms {
  readonly [word: string]: string
}

/** What we say for exactly this word. */
export const synonym = (synonyms: Synonyms, found: unknown): string | undefined => {
  const word = String(found).toLowerCase()
  return Object.hasOwn(synonyms, word) ? synonyms[word] : undefined
}

/** The known word that was meant, also by a misspelt synonym. */
export const meant = (word: string, known: ReadonlyArray<string>, synonyms: Synonyms): string | undefined => {
  const others = Object.keys(synonyms).filter((other) => known.includes(synonyms[other]!))
  const near = others.find((other) => other === word.toLowerCase()) ?? nearest(word, [...known, ...others])
  return near === undefined || known.includes(near) ? near : synonyms[near]
}
