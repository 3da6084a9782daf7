/** Makes the tables, and is done: ready by having ended. */
import { connect } from "./wire.js"

const db = connect()
await db.ask("create", { table: "orders" })
console.log("made the table orders")
db.close()
