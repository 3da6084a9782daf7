/** A language model: which words follow which. Its output depends only on the prompt. */
import { createHash } from "node:crypto"

/** Each word of the text, and the words that followed it. */
export function train(text) {
  const words = text.split(/\s+/).filter(Boolean)
  const next = Object.create(null)
  words.forEach((word, i) => {
    next[word] = [...(next[word] ?? []), words[(i + 1) % words.length]]
  })
  return next
}

/** One word after the other, forever. The same prompt gives the same words. */
export function* speak(next, prompt) {
  let word = choose(Object.keys(next), `${prompt} 0`)
  for (let n = 1; ; n++) {
    yield word
    word = choose(next[word], `${prompt} ${n}`)
  }
}

const choose = (list, seed) => list[createHash("sha256").update(seed).digest().readUInt32BE() % list.length]
