import { makeNodeSpawner } from "../../src/leaf/node/NodeSpawner.ts"
import { contract } from "./spawnerContract.ts"

contract("the Node spawner", makeNodeSpawner)
