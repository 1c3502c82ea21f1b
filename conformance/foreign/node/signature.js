// Test program of package foreign: XML Signature by xml-crypto, one long-lived
// process. The protocol is that of java/Signature.java.
"use strict";

const readline = require("node:readline");
const { SignedXml } = require("xml-crypto");
const { DOMParser } = require("@xmldom/xmldom");

const SIGNATURE_NAMESPACE = "http://www.w3.org/2000/09/xmldsig#";
const EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#";
const ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature";

class Refused extends Error {}

// sign puts a signature behind the first `behind` child elements of the root.
function sign(method, digest, keyPEM, xml, behind) {
  const signer = new SignedXml({
    privateKey: keyPEM,
    signatureAlgorithm: method,
    canonicalizationAlgorithm: EXCLUSIVE,
    getKeyInfoContent: () => null,
  });
  signer.addReference({ xpath: "/*", transforms: [ENVELOPED, EXCLUSIVE], digestAlgorithm: digest });
  const count = Number(behind);
  const location = count === 0 ? { reference: "/*", action: "prepend" } : { reference: `/*/*[${count}]`, action: "after" };
  signer.computeSignature(xml, { prefix: "ds", location });
  return signer.getSignedXml();
}

// verify returns the canonical octets that were signed.
function verify(keyPEM, xml) {
  const doc = new DOMParser({
    errorHandler: {
      error: (text) => { throw new Refused(`not well-formed: ${text}`); },
      fatalError: (text) => { throw new Refused(`not well-formed: ${text}`); },
    },
  }).parseFromString(xml, "text/xml");
  const signatures = doc.getElementsByTagNameNS(SIGNATURE_NAMESPACE, "Signature");
  if (signatures.length !== 1) {
    throw new Refused(`signatures: ${signatures.length}`);
  }
  const verifier = new SignedXml({ publicCert: keyPEM, getCertFromKeyInfo: () => null });
  verifier.loadSignature(signatures[0]);
  let valid;
  try {
    valid = verifier.checkSignature(xml);
  } catch (error) {
    // xml-crypto throws for a wrong signature value and returns false for a wrong digest.
    if (/^invalid signature: the signature value/.test(error.message)) {
      throw new Refused("signature value");
    }
    throw error;
  }
  if (!valid) {
    throw new Refused("digest value");
  }
  return verifier.getSignedReferences()[0];
}

const commands = {
  version: () => require("xml-crypto/package.json").version,
  sign,
  verify,
};

function answer(line) {
  const [name, ...encoded] = line.split(" ");
  const encode = (text) => Buffer.from(text, "utf8").toString("base64");
  try {
    const value = commands[name](...encoded.map((text) => Buffer.from(text, "base64").toString("utf8")));
    return `ok ${encode(value)}`;
  } catch (error) {
    return `${error instanceof Refused ? "refused" : "error"} ${encode(String(error.message))}`;
  }
}

console.log = console.error;
readline.createInterface({ input: process.stdin }).on("line", (line) => process.stdout.write(`${answer(line)}\n`));
