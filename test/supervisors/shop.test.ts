/**
 * The shop of README.md under the real command line: it boots in order, sells, and what needs a killed program restarts
 * with it.
 */
import { cpSync, existsSync } from "node:fs"
import { join, resolve } from "node:path"
import { expect, it } from "vitest"
import { type Running, supervise } from "../runtime/command.ts"
import { environment, living, PATIENCE_MS, pidOf, signal, temporaryFolder } from "../runtime/processes.ts"

const home = resolve(import.meta.dirname, "../../examples/shop")
const [db, migrate, web, JOBS] = ["/shop/db", "/shop/migrate", "/shop/web", "/shop/jobs"] as const
/** A pool that is restarted has instances with new numbers. */
const jobs = (...numbers: ReadonlyArray<number>) => numbers.map((n) => `${JOBS}/${n}`)

interface Order {
  readonly id: number
  readonly item: string
  readonly state: string
}

/** A copy of its folder, so that its port is its own. */
class Shop {
  readonly folder = join(temporaryFolder(), "shop")
  readonly running: Running

  constructor() {
    cpSync(home, this.folder, { recursive: true, filter: (path) => !path.includes(".supervise") })
    this.running = supervise([join(this.folder, "tree.ts")], { env: { ...process.env, PORT: "0", DEBUG: "yes" } })
  }

  /** The port of the latest incarnation of web. */
  get url(): string {
    const said = this.running.events.filter(({ event, path }) => event === "Line" && path === web)
    return said.findLast(({ text }) => text!.startsWith("open at "))!.text!.replace("open at ", "")
  }

  order = async (item: string): Promise<Order> => (await fetch(this.url, { method: "POST", body: item })).json() as Promise<Order>
  orders = async () => (await (await fetch(this.url)).json()) as ReadonlyArray<Order>

  /** Places orders, and waits until the jobs have packed them all. */
  async sell(...items: ReadonlyArray<string>): Promise<void> {
    const ids: Array<number> = []
    for (const item of items) ids.push((await this.order(item)).id)
    for (const end = performance.now() + PATIENCE_MS; ; ) {
      const orders = (await this.orders()).filter(({ id }) => ids.includes(id))
      expect(orders.map(({ item }) => item)).toEqual(items)
      if (orders.every(({ state }) => state === "packed")) return
      if (performance.now() > end) throw new Error(`Waited in vain for ${JSON.stringify(orders)}`)
    }
  }

  started = (from = 0) =>
    this.running.events
      .slice(from)
      .filter(({ event, path }) => event === "Started" && path !== "/shop")
      .map(({ path }) => path)

  /** Kills it, and waits until the last of what restarts with it is up again; returns what was started. */
  async kill(path: string, last: string): Promise<ReadonlyArray<string>> {
    const from = this.running.events.length
    expect(signal(pidOf(path), "SIGKILL")).toBe(true)
    await this.running.event("Started", last, undefined, from)
    return this.started(from)
  }

  /** Everything stops by itself, last to first, and nothing is left. */
  async end(): Promise<void> {
    const from = this.running.events.length
    this.running.kill("SIGTERM")
    expect(await this.running.ended).toEqual({ code: 0, signal: null })
    const stopped = this.running.events.slice(from).filter(({ event }) => event === "Stopped")
    expect(stopped.slice(4).map(({ path }) => path)).toEqual([JOBS, web, db])
    expect(stopped.slice(0, 4).every(({ path }) => path.startsWith(`${JOBS}/`))).toBe(true)
    expect(existsSync(join(this.folder, ".supervise/shop/db.port"))).toBe(false)
    expect(living()).toEqual([])
  }
}

const boot = async (): Promise<Shop> => {
  const shop = new Shop()
  await shop.running.event("Started", "/shop")
  return shop
}

it("boots in order, and packs what is ordered", async () => {
  const shop = await boot()
  const started = shop.started()
  expect([...started.slice(0, 3), started.at(-1)]).toEqual([db, migrate, web, JOBS])
  expect(new Set(started.slice(3, -1))).toEqual(new Set(jobs(1, 2, 3, 4)))
  const variables = new Map(environment(pidOf(web)))
  expect([variables.get("PORT"), variables.has("DEBUG"), new Map(environment(pidOf(db))).get("DEBUG")]).toEqual(["0", false, "yes"])
  await shop.sell("tea", "coffee", "cake", "milk", "sugar", "honey")
  expect((await shop.orders()).map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
  await shop.running.until("a line for each order", () => {
    const packed = shop.running.events.filter(
      ({ path, text }) => path.startsWith(`${JOBS}/`) && /^packed \w+ \(order \d\)$/.test(text ?? "")
    )
    return packed.length === 6 ? packed : undefined
  })
  expect((await fetch(shop.url, { method: "POST" })).status).toBe(400)
  expect((await fetch(`${shop.url}/7`)).status).toBe(404)
  await shop.end()
})

it("creates its tables again after the database was killed, and loses no more than it has to", async () => {
  const shop = await boot()
  await shop.sell("tea")
  const afterDb = await shop.kill(db, JOBS)
  expect([...afterDb.slice(0, 3), afterDb.at(-1)]).toEqual([db, migrate, web, JOBS])
  expect(new Set(afterDb.slice(3, -1))).toEqual(new Set(jobs(5, 6, 7, 8)))
  expect(await shop.orders()).toEqual([]) // the table exists, and is empty
  await shop.sell("coffee", "cake")

  const stays = pidOf(db)
  const afterWeb = await shop.kill(web, JOBS)
  expect([afterWeb[0], afterWeb.at(-1)]).toEqual([web, JOBS])
  expect(new Set(afterWeb.slice(1, -1))).toEqual(new Set(jobs(9, 10, 11, 12)))
  expect(pidOf(db)).toBe(stays)
  expect(await shop.orders()).toHaveLength(2)
  await shop.sell("milk")

  const [job] = jobs(11)
  expect(await shop.kill(job!, job!)).toEqual([job])
  await shop.sell("sugar")
  const counted = shop.running.events.filter(({ event }) => event === "RestartCounted").map(({ path, message }) => [path, message])
  expect(counted).toEqual([
    ["/shop", "restart 1 within 30s, 5 allowed"],
    ["/shop", "restart 2 within 30s, 5 allowed"],
    [JOBS, "restart 1 within 30s, 8 allowed"]
  ])
  await shop.end()
})
