// jsforce 1 and 3 against an embedded org. What is asserted is what the library itself reports.

"use strict";

const path = require("node:path");
const { Readable } = require("node:stream");
const { assert, operation, org, packageOf, refused } = require("./script.cjs");

const client = process.env.INTEROP_CLIENT;
const jsforce = require(path.join(client, "node_modules/jsforce"));
const bytes = packageOf(process.env.INTEROP_PROJECT);

const options = { instanceUrl: org.instance_url, accessToken: org.access_token, version: "66.0" };
const connection = new jsforce.Connection(options);
connection.metadata.pollInterval = 100;
connection.metadata.pollTimeout = 20000;

const stream = (content) => Readable.from([content]);
const zip = () => stream(bytes);
const settings = { rollbackOnError: true, singlePackage: true, testLevel: "NoTestRun" };
const list = (value) => (value === undefined || value === null ? [] : Array.isArray(value) ? value : [value]);
const isTrue = (value) => assert.equal(String(value), "true");
const FILES = 9;
// jsforce 3 takes a flag where jsforce 1 takes an object.
const details = connection.metadata.deployRest ? true : { details: true };

function succeeded(result) {
  assert.equal(result.status, "Succeeded", JSON.stringify(result).slice(0, 1500));
  isTrue(result.success);
  isTrue(result.done);
  assert.equal(Number(result.numberComponentsDeployed), FILES);
  assert.match(result.id, /^0Af/);
}

async function main() {
  await operation("identity", async () => {
    const identity = await connection.identity();
    assert.equal(identity.organization_id, org.org_id);
    assert.equal(identity.username, org.username);
  });

  await operation("query", async () => {
    const result = await connection.query("SELECT Id, Name FROM Organization");
    assert.equal(result.totalSize, 1);
    assert.equal(result.records[0].Id, org.org_id);
  });

  await operation("describe", async () => {
    const result = await connection.metadata.describe("66.0");
    const app = result.metadataObjects.find((own) => own.xmlName === "ExternalClientApplication");
    assert.equal(app.suffix, "eca");
  });

  await operation("list nothing", async () => {
    assert.deepEqual(list(await connection.metadata.list([{ type: "NamedCredential" }], "66.0")), []);
  });

  let deployed;
  await operation("deploy (SOAP)", async () => {
    deployed = await connection.metadata.deploy(zip(), settings).complete(details);
    succeeded(deployed);
    const files = list(deployed.details.componentSuccesses).map((own) => own.fileName);
    assert.ok(files.includes("externalClientApps/Storefront.eca"), files.join(" "));
  });

  await operation("check a deploy", async () => {
    const result = await connection.metadata.checkDeployStatus(deployed.id, true);
    succeeded(result);
    assert.equal(result.id, deployed.id);
  });

  if (connection.metadata.deployRest) {
    await operation("deploy (REST)", async () => {
      const started = connection.metadata.deployRest(bytes, settings);
      succeeded(await started.complete(true));
    });
  }

  if (connection.metadata.deployRecentValidation) {
    await operation("validate and quick deploy", async () => {
      const checked = await connection.metadata
        .deploy(zip(), { ...settings, checkOnly: true })
        .complete(details);
      succeeded(checked);
      isTrue(checked.checkOnly);
      for (const rest of [false, true]) {
        const id = await connection.metadata.deployRecentValidation({ id: checked.id, rest });
        assert.notEqual(id, checked.id);
        for (let left = 50; ; left -= 1) {
          const result = await connection.metadata.checkDeployStatus(id, true);
          if (String(result.done) === "true") {
            succeeded(result);
            break;
          }
          assert.ok(left > 0, "the quick deploy does not end");
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
      }
    });
  }

  await operation("list", async () => {
    const result = list(await connection.metadata.list([{ type: "ExternalClientApplication" }], "66.0"));
    assert.deepEqual(result.map((own) => own.fullName).sort(), ["Pipeline", "Storefront"]);
  });

  await operation("retrieve", async () => {
    const request = {
      apiVersion: "66.0",
      singlePackage: true,
      unpackaged: { types: [{ members: "*", name: "ExternalClientApplication" }], version: "66.0" },
    };
    const result = await connection.metadata.retrieve(request).complete();
    assert.equal(result.status, "Succeeded");
    const names = list(result.fileProperties).map((own) => own.fileName);
    assert.deepEqual(names.sort(), ["externalClientApps/Pipeline.eca", "externalClientApps/Storefront.eca"]);
    const content = Buffer.from(result.zipFile, "base64");
    assert.equal(content.subarray(0, 2).toString(), "PK");
  });

  await operation("read", async () => {
    const [app, nobody] = list(
      await connection.metadata.read("ExternalClientApplication", ["Storefront", "Nobody"]),
    );
    assert.equal(app.fullName, "Storefront");
    assert.equal(app.label, "Storefront");
    assert.ok(!nobody || !nobody.fullName, JSON.stringify(nobody));
  });

  await operation("create, update, upsert, rename and delete", async () => {
    const done = (result) => list(result).forEach((own) => isTrue(own.success));
    const metadata = connection.metadata;
    const type = "ExternalClientApplication";
    const app = { fullName: "Made_Here", label: "Made", contactEmail: "a@example.com", distributionState: "Local" };
    done(await metadata.create(type, [app]));
    const again = list(await metadata.create(type, [app]))[0];
    assert.equal(String(again.success), "false");
    assert.equal(list(again.errors)[0].statusCode, "DUPLICATE_DEVELOPER_NAME");
    done(await metadata.update(type, [{ ...app, label: "Changed" }]));
    assert.equal(list(await metadata.read(type, ["Made_Here"]))[0].label, "Changed");
    const upserted = list(await metadata.upsert(type, [{ ...app, label: "Again" }]))[0];
    isTrue(upserted.success);
    assert.equal(String(upserted.created), "false");
    done(await metadata.rename(type, "Made_Here", "Made_There"));
    done(await metadata.delete(type, ["Made_There"]));
    const gone = list(await metadata.delete(type, ["Made_There"]))[0];
    assert.equal(String(gone.success), "false");
  });

  await operation("be refused with line and column", async () => {
    const broken = packageOf(process.env.INTEROP_PROJECT, (_, text) =>
      text.replace("Basic, Api", "Basic, Telepathy"),
    );
    const result = await connection.metadata
      .deploy(stream(broken), settings)
      .complete(details);
    assert.equal(result.status, "Failed");
    const failure = list(result.details.componentFailures)[0];
    assert.match(failure.problem, /There's a problem with your scope\(s\): Telepathy/);
    assert.ok(Number(failure.lineNumber) > 1);
  });

  await operation("be refused with a dead session", async () => {
    const dead = new jsforce.Connection({ ...options, accessToken: org.access_token.split("!")[0] + "!dead" });
    await refused(dead.metadata.describe("66.0"), "INVALID_SESSION_ID");
    await refused(dead.query("SELECT Id FROM User"), "Session expired or invalid");
  });

  await operation("be told of an unknown id", async () => {
    await refused(
      connection.metadata.checkDeployStatus("0Af000000000001AAA", true),
      "INVALID_CROSS_REFERENCE_KEY",
    );
  });
}

main();
