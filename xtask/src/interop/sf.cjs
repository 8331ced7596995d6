// The Salesforce CLI against an embedded org. What is asserted is what `sf --json` itself reports.

"use strict";

const { execFile } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { assert, operation, org } = require("./script.cjs");

const project = process.env.INTEROP_PROJECT;
const home = path.join(process.env.INTEROP_SCRATCH, "home");
const run = path.join(process.env.INTEROP_CLIENT, "node_modules/@salesforce/cli/bin/run.js");
fs.mkdirSync(home, { recursive: true });

const quiet = {
  HOME: home,
  PATH: process.env.PATH,
  SF_DISABLE_TELEMETRY: "true",
  SF_AUTOUPDATE_DISABLE: "true",
  SF_SKIP_NEW_VERSION_CHECK: "true",
  SF_HIDE_RELEASE_NOTES: "true",
  SF_DISABLE_LOG_FILE: "true",
  SF_USE_GENERIC_UNIX_KEYCHAIN: "true",
  SF_ACCESS_TOKEN: org.access_token,
};
const rest = { SF_ORG_METADATA_REST_DEPLOY: "true" };

/** Runs `sf … --json`; the document it prints, with the exit code in it. `input` answers a question. */
function sf(words, environment = {}, cwd = project, input = "") {
  const given = Array.isArray(words) ? words : words.split(" ");
  return new Promise((resolve, reject) => {
    const child = execFile(
      process.execPath,
      [run, ...given, "--json"],
      { cwd, env: { ...quiet, ...environment }, maxBuffer: 64 << 20 },
      (error, stdout, stderr) => {
        try {
          // A question comes first, on stdout too.
          const document = JSON.parse(stdout.slice(Math.max(0, stdout.indexOf("{\n"))));
          document.exit = error ? error.code : 0;
          resolve(document);
        } catch (_) {
          reject(new Error(`sf ${given.join(" ")}: no JSON: ${stdout}${stderr}`));
        }
      },
    );
    child.stdin.end(`${input}\n`);
  });
}

/** The result of a call that has to succeed. */
async function well(words, environment, cwd, input) {
  const document = await sf(words, environment, cwd, input);
  assert.equal(document.status, 0, `sf ${words}: ${JSON.stringify(document).slice(0, 1500)}`);
  return document.result;
}

function deployed(result, count) {
  assert.equal(result.status, "Succeeded");
  assert.equal(result.success, true);
  assert.equal(result.done, true);
  assert.equal(result.numberComponentErrors, 0);
  assert.equal(result.numberComponentsDeployed, count);
  assert.match(result.id, /^0Af[A-Za-z0-9]{15}$/);
  for (const file of result.files) assert.notEqual(file.state, "Failed", JSON.stringify(file));
}

const COMPONENTS = 9;

/** A project with this many apps, each with the files of the pipeline's app. */
function fleet(count) {
  const folder = path.join(process.env.INTEROP_SCRATCH, "fleet");
  const source = path.join(process.env.INTEROP_SCRATCH, "pipeline");
  fs.mkdirSync(folder);
  fs.copyFileSync(path.join(project, "sfdx-project.json"), path.join(folder, "sfdx-project.json"));
  let files = 0;
  for (const kind of fs.readdirSync(source)) {
    const target = path.join(folder, "force-app/main/default", kind);
    fs.mkdirSync(target, { recursive: true });
    for (const file of fs.readdirSync(path.join(source, kind))) {
      const text = fs.readFileSync(path.join(source, kind, file), "utf8");
      for (let number = 1; number <= count; number++) {
        const app = `Fleet${String(number).padStart(4, "0")}`;
        const name = `${file.replaceAll("Pipeline", app)}-meta.xml`;
        fs.writeFileSync(path.join(target, name), text.replaceAll("Pipeline", app));
        files += 1;
      }
    }
  }
  return { folder, files };
}
const start = "project deploy start --source-dir force-app --wait 5";
const settings = () => {
  const folder = path.join(project, "force-app/main/default/extlClntAppOauthSettings");
  return path.join(folder, fs.readdirSync(folder)[0]);
};

async function main() {
  await operation("log in with an access token", async () => {
    const result = await well([
      "org", "login", "access-token", "--instance-url", org.instance_url,
      "--no-prompt", "--alias", "box", "--set-default",
    ]);
    assert.equal(result.orgId, org.org_id);
    assert.equal(result.username, org.username);
    assert.equal(result.instanceUrl.replace(/\/$/, ""), org.instance_url);
  });

  await operation("display the org", async () => {
    const result = await well("org display");
    assert.equal(result.id, org.org_id);
    assert.equal(result.connectedStatus, "Connected");
    assert.equal(result.apiVersion, org.api_version);
  });

  await operation("describe", async () => {
    const result = await well("org list metadata-types");
    const app = result.metadataObjects.find((own) => own.xmlName === "ExternalClientApplication");
    assert.equal(app.suffix, "eca");
    assert.equal(app.directoryName, "externalClientApps");
  });

  let validated;
  await operation("validate (SOAP)", async () => {
    const result = await well("project deploy validate --source-dir force-app --wait 5");
    deployed(result, COMPONENTS);
    assert.equal(result.checkOnly, true);
    validated = result.id;
  });

  await operation("list an empty org", async () => {
    assert.deepEqual(await well("org list metadata --metadata-type NamedCredential"), []);
  });

  await operation("quick deploy (SOAP)", async () => {
    const result = await well(["project", "deploy", "quick", "--job-id", validated, "--wait", "5"]);
    deployed(result, COMPONENTS);
    assert.notEqual(result.id, validated);
    assert.equal(result.checkOnly, false);
  });

  await operation("deploy (SOAP)", async () => deployed(await well(start), COMPONENTS));
  await operation("deploy (REST)", async () => deployed(await well(start, rest), COMPONENTS));

  await operation("validate and quick deploy (REST)", async () => {
    const checked = await well("project deploy validate --source-dir force-app --wait 5", rest);
    deployed(checked, COMPONENTS);
    const result = await well(["project", "deploy", "quick", "--job-id", checked.id, "--wait", "5"], rest);
    deployed(result, COMPONENTS);
    assert.notEqual(result.id, checked.id);
  });

  await operation("deploy a metadata folder", async () => {
    const folder = path.join(process.env.INTEROP_SCRATCH, "mdapi");
    await well(["project", "convert", "source", "--output-dir", folder]);
    const result = await well(["project", "deploy", "start", "--metadata-dir", folder, "--wait", "5"]);
    assert.equal(result.status, "Succeeded");
  });

  for (const [how, environment] of [["SOAP", {}], ["REST", rest]]) {
    await operation(`be refused with line and column (${how})`, async () => {
      const file = settings();
      const good = fs.readFileSync(file, "utf8");
      fs.writeFileSync(file, good.replace("Basic, Api", "Basic, Telepathy"));
      try {
        const document = await sf(start, environment);
        assert.equal(document.exit, 1);
        assert.equal(document.result.status, "Failed");
        const failure = document.result.files.find((own) => own.state === "Failed");
        assert.match(failure.error, /There's a problem with your scope\(s\): Telepathy/);
        assert.equal(failure.lineNumber, 5);
        assert.ok(failure.filePath.endsWith(path.basename(file)), failure.filePath);
      } finally {
        fs.writeFileSync(file, good);
      }
    });
  }

  await operation("deploy in the background and report", async () => {
    const result = await well(["project", "deploy", "start", "--source-dir", "force-app", "--async"]);
    assert.match(result.id, /^0Af/);
    const report = await well(["project", "deploy", "report", "--job-id", result.id, "--wait", "5"]);
    assert.equal(report.id, result.id);
    assert.equal(report.status, "Succeeded");
  });

  await operation("resume", async () => {
    const result = await well(["project", "deploy", "start", "--source-dir", "force-app", "--async"]);
    deployed(await well(["project", "deploy", "resume", "--job-id", result.id, "--wait", "5"]), COMPONENTS);
  });

  for (const [how, environment] of [["SOAP", {}], ["REST", rest]]) {
    await operation(`cancel (deploy over ${how})`, async () => {
      await pace({ milliseconds: 600_000 });
      try {
        const result = await well(["project", "deploy", "start", "--source-dir", "force-app", "--async"], environment);
        const document = await sf(["project", "deploy", "cancel", "--job-id", result.id, "--wait", "5"], environment);
        assert.equal(document.result.status, "Canceled", JSON.stringify(document).slice(0, 1500));
        assert.ok(document.result.canceledBy);
      } finally {
        await pace({ milliseconds: 150 });
      }
    });
  }

  await operation("list", async () => {
    const result = await well("org list metadata --metadata-type ExternalClientApplication");
    const list = Array.isArray(result) ? result : [result];
    assert.deepEqual(list.map((own) => [own.fullName, own.fileName, own.type]), [
      ["Pipeline", "externalClientApps/Pipeline.eca", "ExternalClientApplication"],
      ["Storefront", "externalClientApps/Storefront.eca", "ExternalClientApplication"],
    ]);
  });

  await operation("retrieve into the project", async () => {
    const file = settings();
    const before = fs.readFileSync(file, "utf8");
    const result = await well([
      "project", "retrieve", "start", "--metadata", "ExtlClntAppOauthSettings:Storefront_oauth", "--wait", "5",
    ]);
    assert.equal(result.success, true);
    assert.deepEqual(result.files.map((own) => own.fullName), ["Storefront_oauth"]);
    const after = fs.readFileSync(file, "utf8");
    assert.match(after, /<oauthLink>00D\w{12}:888\w{12}<\/oauthLink>/);
    fs.writeFileSync(file, before);
  });

  await operation("retrieve a zip", async () => {
    const folder = path.join(process.env.INTEROP_SCRATCH, "retrieved");
    const result = await well([
      "project", "retrieve", "start", "--metadata", "ExternalClientApplication",
      "--target-metadata-dir", folder, "--unzip", "--wait", "5",
    ]);
    assert.equal(result.success, true);
    const found = fs.readdirSync(folder, { recursive: true }).map(String);
    assert.ok(found.some((own) => own.endsWith("Storefront.eca")), found.join(" "));
  });

  await operation("be told of a missing member", async () => {
    const document = await sf([
      "project", "retrieve", "start", "--metadata", "ExternalClientApplication:Nobody", "--wait", "5",
    ]);
    const text = JSON.stringify(document);
    assert.match(text, /Entity of type 'ExternalClientApplication' named 'Nobody' cannot be found/);
  });

  await operation("query", async () => {
    const users = await well(["data", "query", "--query", `SELECT Id, Username FROM User WHERE Username = '${org.username}'`]);
    assert.equal(users.totalSize, 1);
    assert.equal(users.records[0].Username, org.username);
    const jobs = await well([
      "data", "query", "--use-tooling-api", "--query",
      "SELECT Id, Status FROM DeployRequest WHERE Status = 'Canceled'",
    ]);
    assert.equal(jobs.totalSize, 2);
  });

  await operation("delete", async () => {
    const result = await well([
      "project", "delete", "source", "--metadata", "NamedCredential:Fulfilment_Api", "--no-prompt", "--wait", "5",
    ]);
    assert.equal(result.status, "Succeeded", JSON.stringify(result).slice(0, 1500));
    const left = await well("org list metadata --metadata-type NamedCredential");
    assert.equal(Array.isArray(left) ? left.length : 1, 0);
  });

  // After the operations that list the apps of the org, and before other logins replace this one.
  const many = fleet(1000);
  for (const [how, environment] of [["SOAP", {}], ["REST", rest]]) {
    await operation(`deploy 1,000 apps (${how})`, async () => {
      const result = await well([...start.split(" "), "--target-org", "box"], environment, many.folder);
      deployed(result, many.files);
      assert.ok(result.zipSize > 1 << 20, `the package has ${result.zipSize} bytes`);
    });
  }

  await operation("log in with the JWT bearer flow", async () => {
    const app = org.apps.find((own) => own.name === "Pipeline");
    const result = await well([
      "org", "login", "jwt", "--client-id", app.client_id, "--jwt-key-file", process.env.INTEROP_KEY,
      "--username", org.username, "--instance-url", org.instance_url,
    ]);
    assert.equal(result.username, org.username);
    assert.equal(result.orgId, org.org_id);
    const listed = await well(`org list metadata --metadata-type PermissionSet --target-org ${org.username}`);
    assert.ok(listed);
  });

  await operation("log in with a browser", async () => {
    const app = org.apps.find((own) => own.name === "Pipeline");
    // xdg-open, which sf calls, starts what BROWSER names.
    const browser = { BROWSER: path.join(__dirname, "browser.cjs"), INTEROP_ORG: process.env.INTEROP_ORG };
    const result = await well(
      ["org", "login", "web", "--client-id", app.client_id, "--instance-url", org.instance_url, "--alias", "web"],
      { ...browser, PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, SF_ACCESS_TOKEN: undefined },
      project,
      app.client_secret,
    );
    assert.equal(result.username, org.username);
    assert.equal(result.orgId, org.org_id);
    const listed = await well("org list metadata --metadata-type PermissionSet --target-org web", { SF_ACCESS_TOKEN: undefined });
    assert.ok(listed);
  });

  await operation("be refused with a wrong key", async () => {
    const app = org.apps.find((own) => own.name === "Pipeline");
    const document = await sf([
      "org", "login", "jwt", "--client-id", app.client_id, "--jwt-key-file", process.env.INTEROP_OTHER_KEY,
      "--username", org.username, "--instance-url", org.instance_url,
    ]);
    assert.notEqual(document.exit, 0);
    assert.match(JSON.stringify(document), /invalid assertion/);
  });

  await operation("be refused with a dead session", async () => {
    const token = org.access_token.split("!")[0] + "!dead";
    const document = await sf(
      ["org", "list", "metadata", "--metadata-type", "PermissionSet", "--target-org", "dead"],
      { SF_ACCESS_TOKEN: token },
    );
    assert.notEqual(document.exit, 0);
    const login = await sf(
      ["org", "login", "access-token", "--instance-url", org.instance_url, "--no-prompt", "--alias", "dead"],
      { SF_ACCESS_TOKEN: token },
    );
    assert.notEqual(login.exit, 0);
  });
}

/** Sets the pace of the org's jobs. */
async function pace(body) {
  const answer = await fetch(`${org.instance_url}/_org/pace`, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${org.access_token}` },
    body: JSON.stringify(body),
  });
  assert.equal(answer.status, 200, await answer.text());
}

main();
