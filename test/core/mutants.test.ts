/** For each invariant a planted bug that it catches: the core is copied, broken in one place, and searched like the real one. */
import { execFile } from "node:child_process"
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { promisify } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Mutant, mutants } from "./mutants.ts"

const core = fileURLToPath(new URL("../../src/core", import.meta.url))
const main = fileURLToPath(new URL("soak/main.ts", import.meta.url))
let lab = ""
beforeAll(() => void (lab = mkdtempSync(join(tmpdir(), "supervise-mutants-"))))
afterAll(() => rmSync(lab, { recursive: true, force: true }))

describe.concurrent("a planted bug is caught", () => {
  for (const [n, mutant] of mutants.entries()) {
    it(mutant.name, async () => expect(await verdict(plant(mutant, join(lab, String(n))))).toMatch(mutant.caughtBy))
  }
})

function plant(mutant: Mutant, folder: string): string {
  cpSync(core, folder, { recursive: true })
  const file = join(folder, mutant.file)
  const healthy = readFileSync(file, "utf8")
  expect(healthy.split(mutant.from).length, `"${mutant.from}" stands once in ${mutant.file}`).toBe(2)
  writeFileSync(
    file,
    healthy.replace(mutant.from, () => mutant.to)
  )
  return `${pathToFileURL(folder).href}/`
}

async function verdict(folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [main, "20000", "1", folder])
    return `survived: ${stdout}`
  } catch (error) {
    return (error as { stdout?: string }).stdout?.split("VIOLATED: ")[1]?.trim() ?? `broken, not caught: ${error}`
  }
}
