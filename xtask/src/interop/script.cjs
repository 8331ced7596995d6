// What the scripts of all clients share: an operation is a function that throws when the client
// reports anything but what it should; each prints one line of JSON.

"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const zlib = require("node:zlib");

const org = JSON.parse(process.env.INTEROP_ORG);

/** Runs one operation and prints what became of it; later ones run whatever it was. */
async function operation(name, body) {
  const started = Date.now();
  let problem = null;
  try {
    await body();
  } catch (error) {
    problem = String(error && error.message ? error.message : error).slice(0, 2000);
  }
  const line = { operation: name, passed: problem === null, problem, milliseconds: Date.now() - started };
  process.stdout.write(JSON.stringify(line) + "\n");
}

/** Asserts that a promise fails, and that the error says this. */
async function refused(promise, text) {
  let answer;
  try {
    answer = await promise;
  } catch (error) {
    assert.ok(String(error.message || error).includes(text), `expected ${text}, got: ${error.message || error}`);
    return error;
  }
  throw new Error(`expected a refusal with ${text}, got ${JSON.stringify(answer)}`);
}

/** The project as a package in a zip; `change` may edit a file's text by its path. */
function packageOf(project, change = (_, text) => text) {
  const root = path.join(project, "force-app/main/default");
  const files = [];
  const types = new Set();
  for (const folder of fs.readdirSync(root).sort()) {
    for (const name of fs.readdirSync(path.join(root, folder)).sort()) {
      const file = `${folder}/${name.replace(/-meta\.xml$/, "")}`;
      const text = change(file, fs.readFileSync(path.join(root, folder, name), "utf8"));
      types.add(/<(\w+) xmlns=/.exec(text)[1]);
      files.push([file, text]);
    }
  }
  const members = [...types].map((name) => `<types><members>*</members><name>${name}</name></types>`);
  const manifest =
    `<?xml version="1.0" encoding="UTF-8"?>\n<Package xmlns="http://soap.sforce.com/2006/04/metadata">` +
    `${members.join("")}<version>66.0</version></Package>`;
  return zip([["package.xml", manifest], ...files]);
}

/** A zip whose files are stored as they are (PKWARE APPNOTE 6.3). */
function zip(files) {
  const local = [];
  const central = [];
  let offset = 0;
  for (const [name, text] of files) {
    const bytes = Buffer.from(text);
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(zlib.crc32(bytes), 10);
    common.writeUInt32LE(bytes.length, 14);
    common.writeUInt32LE(bytes.length, 18);
    common.writeUInt16LE(name.length, 22);
    local.push(Buffer.from("PK\x03\x04"), common, Buffer.from(name), bytes);
    const place = Buffer.alloc(14);
    place.writeUInt32LE(offset, 10);
    central.push(Buffer.from("PK\x01\x02\x14\x00"), common, place, Buffer.from(name));
    offset += 30 + name.length + bytes.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}

module.exports = { packageOf, assert, operation, org, refused };
