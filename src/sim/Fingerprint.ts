/** All that happened in one number: two rehearsals with the same fingerprint went the same way, to the last step. */
import type { Moment } from "../core/Moment.ts"

export class Fingerprint {
  private one = 0x811c9dc5
  private two = 0x9e3779b9

  add({ at, event, actions }: Moment): void {
    this.mix(at)
    this.say(event._tag)
    if ("path" in event) this.say(event.path)
    if ("incarnation" in event) this.mix(event.incarnation)
    for (const action of actions) {
      const what = action._tag === "News" ? action.news : action
      this.say(what._tag)
      if ("path" in what) this.say(what.path)
      if ("incarnation" in what) this.mix(what.incarnation)
      if ("at" in what) this.mix(what.at)
    }
  }

  private say(text: string): void {
    for (let i = 0; i < text.length; i++) this.mix(text.charCodeAt(i))
  }

  private mix(value: number): void {
    this.one = Math.imul(this.one ^ value, 0x01000193)
    this.two = Math.imul(this.two ^ (value + this.one), 0x85ebca6b)
    this.two ^= this.two >>> 13
  }

  get text(): string {
    return [this.one, this.two].map((half) => (half >>> 0).toString(16).padStart(8, "0")).join("")
  }
}
