/** Bugs in how the runtime monitors one incarnation after another, which the laws of the watch must notice. */
import type { Mutant } from "../../Mutant.ts"

const monitor = "runtime/kernel/Monitor.ts"

export const monitoring: ReadonlyArray<Mutant> = [
  {
    name: "what was learned is forgotten with the incarnation",
    file: monitor,
    from: "    if (learned !== undefined) this.learned.set(path, learned)\n",
    to: "",
    watch: /not forgotten with it/
  },
  {
    name: "beats of an earlier incarnation count for the next one",
    file: monitor,
    from: "return found?.incarnation === incarnation ? found.watch : undefined",
    to: "return incarnation > 0 ? found?.watch : undefined",
    watch: /by its incarnation/
  },
  {
    name: "a worker is monitored while it is stopped",
    file: monitor,
    from: '      case "Stopping":\n',
    to: "",
    watch: /a worker that is stopped/
  }
]
