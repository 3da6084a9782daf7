/** The programs in docs/heartbeats.md report readiness and beat. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { afterAll, expect, it } from "vitest"
import { monotonicMs } from "../../src/leaf/os/monotonic.ts"
import type { SpawnCommand } from "../../src/leaf/Spawner.ts"
import { isThere } from "../runtime/processes.ts"
import { recorder } from "./LeafRecorder.ts"
import { contract } from "./testedSpawners.ts"

const root = resolve(import.meta.dirname, "../..")
const text = readFileSync(join(root, "docs/heartbeats.md"), "utf8")
const programs = [...text.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)].map(([, language, body]) => ({ language: language!, body: body! }))

/** Inside the project folder, so that "supervise/notify" resolves as it does for its own files. */
const lab = mkdtempSync(join(root, ".supervise-heartbeats-"))
afterAll(() => rmSync(lab, { recursive: true }))

/** What a language needs, and the command that runs a file in it. */
const languages: { readonly [language: string]: { readonly needs: string; readonly run: (file: string) => SpawnCommand["argv"] } } = {
  sh: { needs: "sh", run: (file) => ["sh", file] },
  js: { needs: "node", run: (file) => [process.execPath, file] },
  python: { needs: "python3", run: (file) => ["python3", file] },
  c: { needs: "cc", run: (file) => built(file, ["cc", "-Wall", "-Werror", "-o", `${file}.out`, file]) }
}

function built(file: string, [command, ...args]: readonly [string, ...ReadonlyArray<string>]): SpawnCommand["argv"] {
  execFileSync(command, args, { cwd: lab })
  return [`${file}.out`]
}

/**
 * These two exist on every machine that runs the tests. Programs in the other languages are skipped where those are
 * missing.
 */
const ALWAYS = ["sh", "js"]

contract("the programs about heartbeats", () => {
  it("are in these languages", () => {
    expect(programs.map(({ language }) => language)).toEqual(["js", "sh", "python", "c"])
  })

  for (const { language, body } of programs) {
    const { needs, run } = languages[language]!
    const skipped = !ALWAYS.includes(language) && !isThere(needs) && process.env.REQUIRE_ALL !== "1"
    if (skipped) console.log(`Left out: the ${language} program of docs/heartbeats.md, as there is no ${needs}.`)
    it.skipIf(skipped)(`work in ${language}`, async () => {
      const file = join(lab, `program.${language}`)
      writeFileSync(file, body)
      const w = recorder()
      const since = monotonicMs()
      w.spawn(run(file), { cwd: lab, ready: { type: "fd", fd: 3 }, beatMs: 10 })
      await w.event("Ready")
      for (const { sentAt, receivedAt } of await w.beaten(3)) {
        if (language === "sh") expect(sentAt).toBeUndefined()
        else {
          expect(sentAt).toBeGreaterThanOrEqual(since)
          expect(sentAt).toBeLessThanOrEqual(receivedAt)
        }
      }
      expect(w.tags()).toEqual(["Spawned", "Ready"])
      expect(w.texts("stderr")).toEqual([])
    })
  }

  it("beat only where beats are requested", async () => {
    const { body } = programs.find(({ language }) => language === "sh")!
    const w = recorder()
    w.sh(body, { ready: { type: "fd", fd: 3 } })
    await w.event("Ready")
    expect(w.beats).toEqual([])
    expect(w.tags()).toEqual(["Spawned", "Ready"])
  })
})
