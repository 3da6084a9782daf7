/** `supervise/client`: a tree that runs in another process, reached through the socket in its state directory. */
export { Api } from "./http/Api.ts"
export { attach, Detached, type RemoteTree } from "./http/attach.ts"
export { BadOrder } from "./http/BadOrder.ts"
export { type Connection, connect } from "./http/connect.ts"
export { NotAnswering } from "./http/NotAnswering.ts"
export { NothingRunning } from "./http/NothingRunning.ts"
export { type Node, Refused, type Snapshot, type Up, type Why } from "./runtime/Control.ts"
export type { TreeEvent } from "./runtime/TreeEvent.ts"
