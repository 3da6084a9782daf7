import { supervisor, worker } from "supervise"

export default supervisor({
  id: "hello",
  children: [worker({ id: "clock", start: ["node", "clock.js"] })]
})
