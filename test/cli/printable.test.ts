/** Nothing but text, newlines and colours reaches a terminal, whatever prints it and wherever it comes from. */
import { once } from "node:events"
import { mkdirSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import * as fc from "fast-check"
import { http, line } from "supervise"
import { expect, it, onTestFinished } from "vitest"
import { jsonText, keepColours, printable } from "../../src/cli/print/terminal.ts"
import { holdsFor } from "../core/chance.ts"
import { supervise, treeFile } from "../runtime/command.ts"
import { temporaryFolder } from "../runtime/processes.ts"
import { root, shell, sleeper } from "../runtime/tree.ts"

const CONTROLS = /[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/
const COLOURS = /\x1b\[[0-9:;]*m/g

/** Bytes as a terminal may get them: many of those that begin, continue or end a sequence. */
const pieces = [
  "\x1b",
  "[",
  "\x1b[",
  "]",
  "\x9b",
  "\x9d",
  "\x90",
  "\x9c",
  "\x07",
  "\\",
  "2J",
  "31m",
  ";",
  "?",
  ">",
  "\x00",
  "\r",
  "\n",
  " ",
  "m",
  "é"
]
const bytes = fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes))
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(...pieces),
      bytes.map((some) => some.toString("utf8")),
      bytes.map((some) => some.toString("latin1"))
    ),
    { maxLength: 20 }
  )
  .map((parts) => parts.join(""))

it("lets nothing but text, tabs and newlines through, and colours only if they are asked for", () => {
  holdsFor(
    fc.property(text, text, (foreign, output) => {
      expect(printable(foreign)).not.toMatch(CONTROLS)
      const both = printable(foreign + keepColours(output) + foreign)
      expect(both.replace(COLOURS, "")).not.toMatch(CONTROLS)
      expect((both.match(COLOURS) ?? []).length).toBeLessThanOrEqual((output.match(COLOURS) ?? []).length)
    }),
    3000
  )
})

it("leaves text alone, and takes JSON apart nowhere", () => {
  holdsFor(
    fc.property(text, (text) => {
      expect(printable(text.replace(new RegExp(CONTROLS, "g"), ""))).toBe(text.replace(new RegExp(CONTROLS, "g"), ""))
      expect(JSON.parse(printable(jsonText({ [text]: text })))).toEqual({ [text]: text })
    })
  )
})

// ---------------------------------------------------------------- every command

const EVIL = "\x1b]52;c;aGk=\x07\x1b\x1b[K[2J\x1b[\x1b[31m\u009d0;x\u009c\u009b2Jevil"

const answer = async (args: ReadonlyArray<string>, folder: string) => {
  const running = supervise(args, { cwd: folder })
  await running.ended
  return running
}

it("so does every command about a tree that runs", async () => {
  const server = createServer((_, response) => response.end(EVIL)).listen(0)
  onTestFinished(() => void server.close())
  await once(server, "listening")
  const url = `http://localhost:${(server.address() as AddressInfo).port}/`
  const folder = temporaryFolder()
  const sick = sleeper("sick", { health: http(url, { body: "^well$", interval: "50ms", failureThreshold: 1 }) })
  const gone = sleeper("gone", { start: [`./${EVIL}`] })
  const loud = shell("loud", "printf '%b\\n' '\\033[31mred\\033[2J\\0302\\0235'; sleep 1000", { ready: line("red") })
  const running = supervise(["--plain", treeFile(root([loud, sick, gone], { boot: "retry" }), folder)], { cwd: folder })
  await running.says(/sick .*answered 200 with/)
  await running.says(/gone could not be started/)
  const answers = [running]
  for (const args of [["events"], ["why", "sick"], ["why", "gone"], ["ps"], ["start", "gone"], ["why", EVIL], ["signal", "loud", EVIL]])
    answers.push(await answer(args, folder))
  for (const args of [
    ["events", "--json"],
    ["why", "sick", "--json"],
    ["ps", "--json"]
  ]) {
    const { stdout } = await answer(args, folder)
    expect(stdout).not.toMatch(CONTROLS)
    expect(stdout).toContain("\\u009d")
  }
  running.kill("SIGTERM")
  await running.ended
  expect(running.stdout).toContain("loud | \x1b[31mred")
  for (const { stdout, stderr } of answers) {
    expect((stdout + stderr).replaceAll(/^.* \| \x1b\[31mred\x1b\[0m$/gm, "")).not.toMatch(CONTROLS)
    expect(stdout + stderr).toMatch(/evil|loud/)
  }
}, 240_000)

it("so does every command about a tree file, and every error in it", async () => {
  const folder = temporaryFolder()
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text)
    return name
  }
  mkdirSync(join(folder, `${EVIL.replaceAll("/", "")}.ts`))
  const bad = file("bad.json", JSON.stringify({ type: "worker", id: EVIL, [EVIL]: EVIL, start: [EVIL] }))
  const broken = file("broken.js", `console.log(${JSON.stringify(EVIL)}); throw new Error(${JSON.stringify(EVIL)})`)
  const good = treeFile(root([sleeper("a", { start: [EVIL], cwd: EVIL })]), folder)
  for (const args of [
    [bad],
    ["check", bad],
    ["check", broken],
    ["check", good],
    [EVIL],
    ["rehearse", good, "--kill", `${EVIL}@1s`],
    ["rehearse", good, "--fail", `a=${EVIL}`],
    ["whatif", good, "--vary", `${EVIL}=1`],
    ["check", good, `--evil${EVIL}`],
    ["ps", "--state", EVIL]
  ]) {
    const { stdout, stderr } = await answer(args, folder)
    expect(stdout + stderr).not.toMatch(CONTROLS)
    expect(stdout + stderr).toContain("evil")
  }
  const { stdout } = await answer(["check", "--json", good], folder)
  expect(stdout).not.toMatch(CONTROLS)
  expect(JSON.parse(stdout).children[0].start).toEqual([EVIL])
})
