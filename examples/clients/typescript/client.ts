// Shows who decides at a customer, and logs a call with them. README.md has the three commands that run it.

import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { Code, ConnectError, createClient } from "@connectrpc/connect";
import { createGrpcTransport } from "@connectrpc/connect-node";

import { Conversation_Channel, Conversation_Direction } from "./gen/clientele/v1/conversation_service_pb.js";
import { KeyCandidatesSchema } from "./gen/clientele/v1/error_details_pb.js";
import { RelationshipService } from "./gen/clientele/v1/relationship_service_pb.js";
import { BadRequestSchema, ErrorInfoSchema } from "./gen/google/rpc/error_details_pb.js";

const ATTEMPTS = 4;

/** Retries a call while the server is unavailable. A write needs a request id for that: it may have taken effect. */
async function retry<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      if (ConnectError.from(error).code !== Code.Unavailable || attempt === ATTEMPTS) throw error;
    }
    await sleep(100 * 2 ** (attempt - 1) * (0.5 + Math.random() / 2));
  }
}

/** Returns the reason of an error and its details: bad fields, or the records that a key matches. */
function explain(error: ConnectError): string {
  const reason = error.findDetails(ErrorInfoSchema).map((info) => info.reason);
  const wrong = error.findDetails(BadRequestSchema).flatMap((bad) => bad.fieldViolations);
  const names = error.findDetails(KeyCandidatesSchema).flatMap((several) => several.candidates);
  const told = [...wrong.map((at) => `${at.field}: ${at.description}`), ...names];
  return [[Code[error.code], ...reason].join(" "), ...told.map((line) => `  ${line}`)].join("\n");
}

function fail(text: string): never {
  console.error(text);
  process.exit(1);
}

async function main(text: string, subject: string): Promise<void> {
  const baseUrl = process.env["CLIENTELE_ADDRESS"] ?? "http://127.0.0.1:50051";
  const service = createClient(RelationshipService, createGrpcTransport({ baseUrl, defaultTimeoutMs: 10_000 }));
  const customer = { key: { case: "text" as const, value: text } };

  const answer = await retry(() => service.getDecisionMakers({ customer }));
  console.log(`${answer.customerDisplayName} (${answer.customer})`);
  for (const person of answer.people) console.log(`  ${person.displayName}, ${person.positions[0]?.jobTitle}`);

  const conversation = { channel: Conversation_Channel.PHONE, direction: Conversation_Direction.OUTBOUND, subject };
  const request = { customer, conversation, requestId: randomUUID() };
  const logged = await retry(() => service.logConversation(request));
  console.log(`logged ${logged.conversation?.name}`);
}

await main(process.argv[2] ?? "", process.argv[3] ?? "").catch((error) => fail(explain(ConnectError.from(error))));
