#!/usr/bin/env node
// A browser for `sf org login web`: fills in the org's login page, and follows the redirect to sf.

"use strict";

const { spawn } = require("node:child_process");

const org = JSON.parse(process.env.INTEROP_ORG);

async function main() {
  const page = await (await fetch(process.argv[2])).text();
  const unescape = (text) =>
    text.replace(/&(quot|lt|gt|apos|amp);/g, (_, name) => ({ quot: '"', lt: "<", gt: ">", apos: "'", amp: "&" })[name]);
  const form = new URLSearchParams();
  for (const [, name, value] of page.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)">/g)) {
    form.set(unescape(name), unescape(value));
  }
  form.set("username", org.username);
  form.set("password", org.password);
  form.set("decision", "allow");
  const action = unescape(/<form method="post" action="([^"]*)">/.exec(page)[1]);
  const answer = await fetch(new URL(action, process.argv[2]), {
    method: "POST",
    body: form,
    redirect: "manual",
  });
  // sf may not listen yet.
  for (let attempt = 0; attempt < 20; attempt++) {
    try {
      await fetch(answer.headers.get("location"), { signal: AbortSignal.timeout(3000) });
      return;
    } catch (_) {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

// What opens a browser waits for it to end, and sf for what opens it.
if (process.env.INTEROP_DETACHED) {
  main();
} else {
  const env = { ...process.env, INTEROP_DETACHED: "true" };
  spawn(process.execPath, [__filename, process.argv[2]], { detached: true, stdio: "ignore", env }).unref();
}
