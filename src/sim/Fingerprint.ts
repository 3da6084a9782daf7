/** A hash of everything that happened: two rehearsals with the same fingerprint went the same way, step by step. */
import type { Action, News } from "../core/Action.ts"
import type { Decision } from "../core/Decision.ts"
import type { Event } from "../core/Event.ts"
import type { Exit } from "../core/Exit.ts"
import type { JournalEntry } from "../core/Journal.ts"

/** At most this many words are numbered; any others are hashed letter by letter each time. */
const MAX_WORDS = 100_000
/** Precedes a word that is seen for the first time; never the number of a word. */
const NEW_WORD = -1

/**
 * Hashes every field of every event and action, except specs, which are part of the tree. Frequent cases are written
 * out, because this runs for millions of events; rare ones are walked generically.
 */
export class Fingerprint {
  private one = 0x811c9dc5
  private two = 0x9e3779b9
  /**
   * Numbers words in the order they were first seen. The same tags and paths recur, and a number is hashed in one step.
   */
  private readonly words = new Map<string, number>()

  add({ at, event, actions }: JournalEntry): void {
    this.number(at)
    this.event(event)
    this.mix(actions.length)
    for (const action of actions) this.action(action)
  }

  private event(event: Event): void {
    this.say(event._tag)
    if (event._tag === "Boot" || event._tag === "Stop" || event._tag === "Kill") return
    this.say(event.path)
    if (event._tag === "Hint") return
    if (event._tag === "Call") {
      this.mix(event.ticket)
      return this.rare(event.request)
    }
    this.mix(event.incarnation)
    if (event._tag === "Exited") this.exit(event.exit)
    else if (event._tag === "Wake") this.say(event.purpose)
    else if (event._tag === "Suspected" || event._tag === "Convicted" || event._tag === "Health") this.rare(event)
  }

  private action(action: Action): void {
    if (action._tag === "News") return this.news(action.news)
    this.say(action._tag)
    if (action._tag === "Decide") return this.decision(action.decision)
    if (action._tag === "Reply") {
      this.mix(action.ticket)
      return this.rare(action.answer)
    }
    if (action._tag === "Finish") {
      this.mix(action.booted ? 1 : 0)
      return this.exit(action.exit)
    }
    this.say(action.path)
    this.mix(action.incarnation)
    if (action._tag === "Wake") {
      this.number(action.at)
      this.say(action.purpose)
    } else if (action._tag === "Stop") this.how(action.how)
    else if (action.argv.length > 0) this.rare(action.argv)
  }

  private news(news: News): void {
    this.say(news._tag)
    this.say(news.path)
    if (news._tag === "RestartCounted") {
      this.say(news.culprit)
      this.mix(news.count)
      this.number(news.intensity)
      return this.number(news.periodMs)
    }
    if (!("incarnation" in news)) return this.rare(news)
    this.mix(news.incarnation)
    switch (news._tag) {
      case "Starting":
        return this.say(news.type)
      case "Started":
        return this.number(news.tookMs)
      case "Backoff":
        this.mix(news.attempt)
        return this.number(news.delayMs)
      case "Stopping":
        return this.how(news.how)
      case "Exited":
        this.number(news.uptimeMs)
        this.mix(news.normal ? 1 : 0)
        return this.exit(news.exit)
      case "Suspected":
      case "Cleared":
      case "Convicted":
      case "HealthCheckFailed":
      case "Pending":
      case "ProbeStarted":
      case "Released":
        return this.rare(news)
      case "StartFailed":
      case "Stopped":
      case "Ending":
      case "Ended":
        return this.exit(news.exit)
    }
  }

  /** Hashes only what the news beside it does not contain. */
  private decision({ path, outcome, next }: Decision): void {
    this.say(path)
    this.say(outcome._tag)
    if (next !== undefined) this.number(next.at)
  }

  private exit(exit: Exit): void {
    if (exit._tag === "Code") return this.mix(exit.code)
    if (exit._tag === "Signal") return this.say(exit.signal)
    this.rare(exit)
  }

  private how(how: number | string): void {
    if (typeof how === "number") this.number(how)
    else this.say(how)
  }

  /** Hashes any value key by key. `spec` is part of the tree and is skipped. */
  private rare(value: unknown): void {
    if (typeof value !== "object" || value === null) return this.say(String(value))
    const entries = Object.entries(value)
    this.mix(entries.length)
    for (const [key, inner] of entries) {
      this.say(key)
      if (key !== "spec") this.rare(inner)
    }
  }

  private say(word: string): void {
    const known = this.words.get(word)
    if (known !== undefined) return this.mix(known)
    if (this.words.size < MAX_WORDS) this.words.set(word, this.words.size)
    this.mix(NEW_WORD)
    this.mix(word.length)
    for (let i = 0; i < word.length; i++) this.mix(word.charCodeAt(i))
  }

  /** For numbers that may exceed 32 bits, such as milliseconds. */
  private number(value: number): void {
    this.mix(value)
    if (value >= 2 ** 32) this.mix(Math.floor(value / 2 ** 32))
  }

  /** Takes the lower 32 bits. */
  private mix(value: number): void {
    this.one = Math.imul(this.one ^ value, 0x01000193)
    this.two = Math.imul(this.two ^ (value + this.one), 0x85ebca6b)
    this.two ^= this.two >>> 13
  }

  get text(): string {
    return [this.one, this.two].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("")
  }
}
