// The API's nouns under short names. Shapes come from openapi.d.ts, which is generated from firmware/api/openapi.json.
import type { components } from "./openapi";

type Schemas = components["schemas"];

export type User = Schemas["User"];
export type Session = Schemas["Session"];
export type Plan = Schemas["Plan"];
export type Image = Schemas["Image"];
export type Server = Schemas["Server"];
export type Job = Schemas["Job"];
export type JobStep = Schemas["JobStep"];
export type LogLine = Schemas["LogLine"];
export type Host = Schemas["Host"];
export type SetupState = Schemas["SetupState"];
export type SetUp = Schemas["SetUp"];
export type SignedIn = Schemas["SignedIn"];
export type Me = Schemas["Me"];
export type PeerGroup = Schemas["PeerGroup"];
export type CreateServer = Schemas["CreateServer"];
export type ConsoleTicket = Schemas["ConsoleTicket"];

export type Machine = Schemas["Machine"];
export type NetworkSettings = Schemas["NetworkSettings"];
export type LinkSettings = Schemas["LinkSettings"];
export type LinkKind = Schemas["LinkKind"];
export type LinkFacts = Schemas["LinkFacts"];
export type AddressSettings = Schemas["AddressSettings"];
export type FoundUpdate = Schemas["FoundUpdate"];
export type Slot = Schemas["Slot"];
export type UpdatePolicy = Schemas["UpdatePolicy"];
export type Weekday = Schemas["Weekday"];

export type FieldRule = Schemas["FieldRule"];
export type FieldParams = Schemas["FieldParams"];

export type ServerState = Server["state"];
export type ServerKind = Server["kind"];
export type PowerAct = Schemas["PowerAct"];
export type ConsoleKind = Schemas["ConsoleKind"];
