// Test program of package foreign: a SAML service provider by node-saml, one
// long-lived process. The protocol is that of java/Signature.java; each service
// provider is named by its entityID.
"use strict";

const readline = require("node:readline");
const { SAML } = require("@node-saml/node-saml");

const providers = new Map();

const commands = {
  version: async () => require("@node-saml/node-saml/package.json").version,

  // provider makes a service provider; with a private key it signs its requests.
  provider: async (entity, reply, sso, certificate, key) => {
    const options = {
      issuer: entity, audience: entity, callbackUrl: reply, entryPoint: sso, idpCert: certificate,
      privateKey: key || undefined, signatureAlgorithm: "sha256", digestAlgorithm: "sha256",
      authnContext: ["urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient"], racComparison: "exact",
      identifierFormat: "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
      wantAssertionsSigned: true, wantAuthnResponseSigned: true, validateInResponseTo: "always",
    };
    // By itself it deflates the request of a form too, which SAML does not.
    const redirect = new SAML(options);
    const post = new SAML({ ...options, skipRequestCompression: true, cacheProvider: redirect.cacheProvider });
    providers.set(entity, { redirect, post });
    return entity;
  },

  // redirect returns the address that the browser is sent to.
  redirect: async (entity, state) => providers.get(entity).redirect.getAuthorizeUrlAsync(state, undefined, {}),

  // post returns the SAMLRequest of a form.
  post: async (entity, state) => {
    const form = await providers.get(entity).post.getAuthorizeFormAsync(state);
    return /name="SAMLRequest" value="([^"]*)"/.exec(form)[1];
  },

  // login takes an answer and returns who logged in.
  login: async (entity, response) => {
    const { profile } = await providers.get(entity).redirect.validatePostResponseAsync({ SAMLResponse: response });
    return profile.nameID;
  },
};

async function answer(line) {
  const [name, ...encoded] = line.split(" ");
  const encode = (text) => Buffer.from(text, "utf8").toString("base64");
  try {
    const value = await commands[name](...encoded.map((text) => Buffer.from(text, "base64").toString("utf8")));
    return `ok ${encode(value)}`;
  } catch (error) {
    return `${name === "login" ? "refused" : "error"} ${encode(String(error.message))}`;
  }
}

console.log = console.error;
let last = Promise.resolve();
readline.createInterface({ input: process.stdin }).on("line", (line) => {
  last = last.then(() => answer(line)).then((text) => process.stdout.write(`${text}\n`));
});
