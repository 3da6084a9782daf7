/** `supervise/client`: controls a tree that runs in another process, through the socket in its state directory. */
export { Api } from "./http/Api.ts"
export { attach, type RemoteTree } from "./http/attach.ts"
export { type Connection, connect } from "./http/connect.ts"
export { Detached, InvalidRequest, NotRunning, Unresponsive } from "./http/errors.ts"
export type { Node, Snapshot, Up, Why } from "./runtime/read/Control.ts"
export { Refused } from "./runtime/read/Refused.ts"
export type { TreeClient } from "./runtime/read/TreeClient.ts"
export type { TreeEvent } from "./runtime/read/TreeEvent.ts"
