/**
 * The least that Node costs as a supervisor: loop COUNT PROGRAM ARGUMENT (ignore | pipe). SIGTERM ends the children,
 * and then itself. JavaScript, because stripping types makes a process larger, and a larger process forks more slowly.
 */
import { spawn } from "node:child_process"

const [count, program, argument, output] = process.argv.slice(2)
const children = new Set()
let stopping = false

function start() {
  const child = spawn(program, [argument], { stdio: ["ignore", output, output], detached: true })
  children.add(child)
  child.stdout?.on("data", () => undefined)
  child.stderr?.on("data", () => undefined)
  child.once("exit", () => {
    children.delete(child)
    if (!stopping) start()
  })
}

process.on("SIGTERM", () => {
  stopping = true
  for (const child of children) child.kill("SIGTERM")
})
for (let i = 0; i < Number(count); i++) start()
