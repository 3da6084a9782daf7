/** How a command ends, and that nothing of it is left. */
import { execFile } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect, it } from "vitest"
import { CANCELLED } from "../../../src/leaf/probe/ProbeResult.ts"
import { exec } from "../../../src/tree/constructors.ts"
import { eventually, living, rootPath, temporaryFolder } from "../../runtime/processes.ts"
import { decoded, runSpec } from "./checks.ts"

const sh = (script: string, options: Parameters<typeof exec>[1] = {}) => exec(["sh", "-c", script], options)
/** Long enough for a slow machine to start a shell and let it fork. */
const ENOUGH = "2 seconds"

it("the right exit code is well, and for a wrong one the reason is quoted", async () => {
  expect(await runSpec(exec(["true"]))).toBeUndefined()
  expect(await runSpec(sh("exit 3", { codes: [0, 3] }))).toBeUndefined()
  expect(await runSpec(exec(["false"]))).toBe("the check's command exited with code 1")
  expect(await runSpec(sh("exit 0", { codes: [1] }))).toBe("the check's command exited with code 0")
  expect(await runSpec(sh("echo wait; echo; echo 'no  route' >&2; echo more >&2; exit 2"))).toBe(
    "the check's command exited with code 2: no route"
  )
  expect(await runSpec(sh("echo '/tmp:5432 - no response'; exit 2"))).toBe(
    "the check's command exited with code 2: /tmp:5432 - no response"
  )
  expect(await runSpec(sh("kill -SEGV $$"))).toBe("the check's command was killed by SIGSEGV")
  expect(await runSpec(sh("head -c 300000 /dev/zero | tr '\\0' y >&2; exit 1"))).toBe(
    `the check's command exited with code 1: ${"y".repeat(199)}…`
  )
})

it("a command that cannot be started fails with the reason", async () => {
  expect(await runSpec(exec(["no-such-command"]))).toBe('the check could not be run: the command "no-such-command" was not found in PATH')
  expect(await runSpec(exec(["true"]), { cwd: "/no-such-folder" })).toBe(
    "the check could not be run: its folder /no-such-folder does not exist"
  )
})

it("it runs in the worker's folder, with the worker's environment", async () => {
  const cwd = temporaryFolder()
  process.env.PROBE_TEST = "ours"
  const target = { cwd, env: { PROBE_TEST: null, SHOP: "open" }, pid: 4711, path: "/shop/web", incarnation: 3 }
  expect(
    await runSpec(sh('echo "$PWD $SHOP ${PROBE_TEST-unset} $SUPERVISE_PID $SUPERVISE_PATH $SUPERVISE_INCARNATION" >said'), target)
  ).toBeUndefined()
  delete process.env.PROBE_TEST
  expect(readFileSync(join(cwd, "said"), "utf8")).toBe(`${cwd} open unset 4711 /shop/web 3\n`)
})

it("at its timeout it is killed with all that it has started, also what ignores SIGTERM", async () => {
  const cwd = temporaryFolder()
  const script = `trap '' TERM; (trap '' TERM; sleep 1000; sleep 1000) & sleep 1000 & touch forked; wait`
  expect(await runSpec(sh(script, { timeout: ENOUGH }), { cwd })).toBe("the check's command did not end within 2s")
  expect(existsSync(join(cwd, "forked"))).toBe(true)
  await eventually("all of it is gone", () => living().length === 0)
})

it("it is also killed when it is cancelled", async () => {
  const cwd = temporaryFolder()
  const aborter = new AbortController()
  const result = runSpec(sh("sleep 1000 & touch forked; wait", { timeout: "1 hour" }), { cwd }, aborter.signal)
  await eventually("it has forked", () => existsSync(join(cwd, "forked")))
  aborter.abort()
  expect(await result).toBe(CANCELLED)
  await eventually("all of it is gone", () => living().length === 0)
})

it("what it leaves behind is killed when it has ended, and does not delay the result", async () => {
  expect(await runSpec(sh("sleep 1000 & exit 0", { timeout: "1 hour" }))).toBeUndefined()
  expect(await runSpec(sh("echo broken >&2; sleep 1000 & exit 1", { timeout: "1 hour" }))).toBe(
    "the check's command exited with code 1: broken"
  )
  await eventually("all of it is gone", () => living().length === 0)
})

it("what leaves its group and holds its output does not delay the result either", async () => {
  const cwd = temporaryFolder()
  const script = `setsid sh -c 'echo $$ >pid; exec sleep 1000' & until [ -s pid ]; do sleep 0.01; done; echo broken >&2; exit 1`
  expect(await runSpec(sh(script, { timeout: "1 hour" }), { cwd })).toBe("the check's command exited with code 1: broken")
  const pid = Number(readFileSync(join(cwd, "pid"), "utf8"))
  process.kill(pid, "SIGKILL")
  await eventually("it is gone", () => living().length === 0)
})

it("a script without its interpreter cannot be started", async () => {
  const cwd = temporaryFolder()
  writeFileSync(join(cwd, "probe"), "#!/no/such/shell\n", { mode: 0o755 })
  expect(await runSpec(exec(["./probe"]), { cwd })).toBe(
    `the check could not be run: the interpreter /no/such/shell, named in the first line of ${join(cwd, "probe")}, was not found`
  )
})

it("it is killed when we end without waiting for it", async () => {
  const cwd = temporaryFolder()
  const check = decoded(sh("sleep 1000 & touch forked; wait", { timeout: "1 hour" }))
  const target = { path: `${rootPath}/web`, incarnation: 1, pid: process.pid, cwd, env: {} }
  const program = `
    import { existsSync } from "node:fs"
    import { checker } from ${JSON.stringify(new URL("../../../src/leaf/probe/check.ts", import.meta.url).href)}
    checker(${JSON.stringify(check)})(${JSON.stringify(target)}, new AbortController().signal)
    setInterval(() => existsSync(${JSON.stringify(join(cwd, "forked"))}) && process.exit(7), 10)`
  const ended = await new Promise((done) =>
    execFile(process.execPath, ["--input-type=module", "-e", program], (error) => done(error?.code))
  )
  expect(ended).toBe(7)
  await eventually("all of it is gone", () => living().length === 0)
})
