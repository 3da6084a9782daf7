/**
 * A job: looks for new orders and packs one after the other. If it dies in between, the database gives that order to
 * another.
 */
import { setTimeout as pause } from "node:timers/promises"
import { connect } from "./wire.js"

const LOOK_MS = 100
const PACK_MS = 50

process.once("SIGTERM", () => process.exit(0))
const { ask } = connect()
for (;;) {
  try {
    const order = await ask("take", { table: "orders", from: "new", to: "packing" })
    await pause(order ? PACK_MS : LOOK_MS)
    if (!order) continue
    await ask("put", { table: "orders", id: order.id, state: "packed" })
    console.log(`packed ${order.item} (order ${order.id})`)
  } catch ({ message }) {
    console.error(message)
    await pause(10 * LOOK_MS)
  }
}
