/** Bugs in how the runtime watches life after life; the laws of the watch must notice each. */
import type { Mutant } from "../../Mutant.ts"

const monitor = "runtime/kernel/Monitor.ts"

export const monitoring: ReadonlyArray<Mutant> = [
  {
    name: "what a life has taught is forgotten with it",
    file: monitor,
    from: "    this.learned.set(path, learned)\n",
    to: "",
    watch: /not forgotten with it/
  },
  {
    name: "beats of a dead life count for the next",
    file: monitor,
    from: "return found?.incarnation === incarnation ? found.watch : undefined",
    to: "return incarnation > 0 ? found?.watch : undefined",
    watch: /by its number/
  },
  {
    name: "it is looked at while it is stopped",
    file: monitor,
    from: '      case "Stopping":\n',
    to: "",
    watch: /who is stopped/
  }
]
