/**
 * How long a spawn keeps a large program from its other work: ballast MIB SPAWNS PROGRAM (keeper | node |
 * child_process) holds that much memory, starts one process after the other, and prints for each the longest turn of
 * the event loop until it runs, in milliseconds.
 */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { pool, type RunOptions, start, worker } from "../../src/index.ts"

const [mib, spawns, program, how] = process.argv.slice(2)
const leaf = [program!, "stays:/dev/null"] as const
// Memory that was never written to is not there, and costs a fork nothing.
const ballast = Array.from({ length: Number(mib) }, () => Buffer.alloc(2 ** 20, 1))

async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let [longest, last, isOver] = [0, performance.now(), false]
  const turn = (): void => {
    const now = performance.now()
    longest = Math.max(longest, now - last)
    last = now
    if (!isOver) setImmediate(turn)
  }
  setImmediate(turn)
  await work()
  isOver = true
  return Math.max(longest, performance.now() - last)
}

async function measure(spawnOne: () => Promise<unknown>): Promise<ReadonlyArray<number>> {
  const each: Array<number> = []
  for (let i = 0; i < Number(spawns); i++) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    each.push(await longestTurn(spawnOne))
  }
  return each
}

async function ofTree(): Promise<ReadonlyArray<number>> {
  const tree = await start(pool({ id: "leaves", size: 1, child: worker({ id: "leaf", start: leaf }) }), { spawner: how } as RunOptions)
  const each = await measure(() => tree.startInstance("/leaves"))
  await tree.stop()
  return each
}

async function ofNode(): Promise<ReadonlyArray<number>> {
  const children: Array<ReturnType<typeof spawn>> = []
  const each = await measure(async () => {
    const child = spawn(leaf[0], leaf.slice(1), { stdio: "ignore" })
    children.push(child)
    await once(child, "spawn")
  })
  for (const child of children) child.kill()
  return each
}

console.log(JSON.stringify({ each: how === "child_process" ? await ofNode() : await ofTree(), held: ballast.length }))
