/** The cgroup in which this process may make others, for tests of real ones; and which groups are in it. */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { cgroupHere } from "../src/leaf/keeper/cgroupHere.ts"

const here = cgroupHere({ env: { SUPERVISE_CGROUPS: "1" } })

export const ownCgroup = typeof here === "string" ? here : ""

/** A machine that has none cannot be given one, so these are left out even if everything is required. */
export const withoutCgroups = typeof here !== "string"
if (typeof here !== "string") console.log(`Left out: cgroups of workers, as ${here.because}.`)

/** The names of those below a folder. */
export const groupsIn = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true, recursive: true }).flatMap((entry) =>
    entry.isDirectory() ? [join(entry.parentPath, entry.name).slice(folder.length + 1)] : []
  )
