/** Bugs in how the runtime monitors one incarnation after another. The laws of the monitors must notice each. */
import type { Mutant } from "../../Mutant.ts"

const monitor = "runtime/kernel/Monitor.ts"

export const monitoring: ReadonlyArray<Mutant> = [
  {
    name: "what an incarnation has taught is forgotten with it",
    file: monitor,
    from: "    this.learned.set(path, learned)\n",
    to: "",
    watch: /not forgotten with it/
  },
  {
    name: "beats of an earlier incarnation count for the next",
    file: monitor,
    from: "return found?.incarnation === incarnation ? found.watch : undefined",
    to: "return incarnation > 0 ? found?.watch : undefined",
    watch: /by its incarnation/
  },
  {
    name: "it is monitored while it is stopped",
    file: monitor,
    from: '      case "Stopping":\n',
    to: "",
    watch: /a worker that is stopped/
  }
]
