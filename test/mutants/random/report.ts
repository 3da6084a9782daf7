/** The output: a line for each mutant, then the survivors, and how many were noticed in each room. */
import type { RandomMutant } from "./Change.ts"
import type { Judgement } from "./Judge.ts"

/** A line of `--out`. */
export interface Judged {
  readonly mutant: RandomMutant
  readonly verdict: Judgement
}

export const placeOf = ({ file, line }: RandomMutant): string => `${file}:${line}`

/** Long lines are cut only here. */
export const shown = (mutant: RandomMutant): string =>
  `${mutant.id} ${placeOf(mutant)} (${mutant.kind}): ${cut(mutant.written)} → ${cut(mutant.changed)}`
const cut = (text: string): string => (text.length > 80 ? `${text.slice(0, 79)}…` : text)

export function said(verdict: Judgement): string {
  if (verdict._tag === "Noticed") return `noticed by ${cut(verdict.by)}`
  if (verdict._tag === "Unjudged") return `could not be judged: the tests (${verdict.stage}) take too long even for the original sources`
  return verdict.types === undefined ? "SURVIVED" : "SURVIVED, but for the type check"
}

export function survivor({ mutant, verdict }: Judged): string {
  const types = verdict._tag === "Survived" && verdict.types !== undefined ? [`  types       ${verdict.types}`] : []
  const lines = [`${placeOf(mutant)} (${mutant.kind}, ${mutant.id})`, `  written     ${mutant.written}`, `  changed to  ${mutant.changed}`]
  return [...lines, ...types].join("\n")
}

/** `equivalent`: how many were drawn that do not count. */
export function summary(room: string, judged: ReadonlyArray<Judged>, equivalent: number): string {
  const count = (tag: Judgement["_tag"]) => judged.filter(({ verdict }) => verdict._tag === tag).length
  const [noticed, survived, unjudged] = [count("Noticed"), count("Survived"), count("Unjudged")]
  const all = noticed + survived
  const typed = judged.filter(({ verdict }) => verdict._tag === "Survived" && verdict.types !== undefined).length
  const others = [
    ...(typed > 0 ? [`${typed} more by the type check`] : []),
    ...(equivalent > 0 ? [`${equivalent} equivalent`] : []),
    ...(unjudged > 0 ? [`${unjudged} could not be judged`] : [])
  ]
  const share = all === 0 ? "" : ` (${Math.round((100 * noticed) / all)} %)`
  return `${room.padEnd(10)} ${noticed} of ${all} noticed${share}${others.length > 0 ? `; ${others.join(", ")}` : ""}`
}
