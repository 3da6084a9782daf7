/** `supervise/client`: a tree that runs in another process, reached through the socket in its state directory. */
export { Api } from "./http/Api.ts"
export { attach, Detached, type RemoteTree } from "./http/attach.ts"
export { InvalidRequest as BadOrder } from "./http/InvalidRequest.ts"
export { type Connection, connect } from "./http/connect.ts"
export { Unresponsive as NotAnswering } from "./http/Unresponsive.ts"
export { NotRunning as NothingRunning } from "./http/NotRunning.ts"
export { type Node, Refused, type Snapshot, type Up, type Why } from "./runtime/read/Control.ts"
export type { TreeEvent } from "./runtime/read/TreeEvent.ts"
