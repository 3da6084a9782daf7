/** Why a tree ended that should not have: the chain of exits that led there, with times and the limit that was crossed. */
import type { Exit, Failure } from "../../core/Exit.ts"
import { sayExit } from "../../core/Sentence.ts"
import { clock } from "./lines.ts"

/** `wallOf` turns a time of the tree's clock into milliseconds since 1970. */
export function report(path: string, exit: Exit, wallOf: (at: number) => number): string {
  return [`${path} ${brief(exit)}:`, ...chain(exit, wallOf, "  ")].join("\n")
}

/** The lines below say the rest. */
const brief = (exit: Exit): string => (exit._tag === "BootFailed" ? "could not boot" : sayExit(exit))

function chain(exit: Exit, wallOf: (at: number) => number, indent: string): ReadonlyArray<string> {
  const causes: ReadonlyArray<Failure> = exit._tag === "GaveUp" ? exit.window : exit._tag === "BootFailed" ? [exit.cause] : []
  return causes.flatMap((cause) => [
    `${indent}${clock(wallOf(cause.at))} ${cause.path} (incarnation ${cause.incarnation}) ${brief(cause.exit)}`,
    ...chain(cause.exit, wallOf, `${indent}  `)
  ])
}
