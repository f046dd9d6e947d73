// `client.js FOLDER TEXT`: loads every proto in FOLDER/proto and FOLDER/third_party, and prints as JSON the services it
// found and whom TEXT means first.

import { readdirSync } from "node:fs";
import { join } from "node:path";

import grpc from "@grpc/grpc-js";
import loader from "@grpc/proto-loader";

const [folder, text] = process.argv.slice(2);
const includeDirs = [join(folder, "proto"), join(folder, "third_party")];
const files = includeDirs.flatMap((root) =>
  readdirSync(root, { recursive: true }).filter((file) => file.endsWith(".proto")),
);
const { v1 } = grpc.loadPackageDefinition(loader.loadSync(files, { includeDirs, keepCase: true })).clientele;

const address = process.env.CLIENTELE_ADDRESS.replace("http://", "");
const service = new v1.RelationshipService(address, grpc.credentials.createInsecure());
service.LookUp({ text }, (error, answer) => {
  if (error) throw error;
  const services = Object.keys(v1).filter((name) => v1[name].service);
  console.log(JSON.stringify({ services, first: answer.results[0].display_name }));
  service.close();
});
