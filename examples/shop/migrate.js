/** Creates the tables and exits, which is when it is ready. */
import { connect } from "./wire.js"

const db = connect()
await db.ask("create", { table: "orders" })
console.log("made the table orders")
db.close()
