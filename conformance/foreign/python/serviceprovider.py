"""Test program of package foreign: a SAML service provider by pysaml2, one
long-lived process. The protocol is that of java/Signature.java; each service
provider is named by its entityID."""

import base64
import os
import sys
import tempfile
from importlib.metadata import version

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT, extension_elements_to_elements, xmldsig
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.saml import NAMEID_FORMAT_PERSISTENT

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"

folder = tempfile.TemporaryDirectory()
providers = {}
signs = {}
outstanding = {}


def provider(entity, reply, metadata, key, certificate):
    """Makes a service provider; with a private key it signs its requests."""
    files = {}
    for name, content in (("metadata.xml", metadata), ("key.pem", key), ("cert.pem", certificate)):
        files[name] = os.path.join(folder.name, name)
        with open(files[name], "w", encoding="utf-8") as f:
            f.write(content)
    config = {
        "entityid": entity,
        "xmlsec_binary": "/usr/bin/xmlsec1",
        "metadata": {"local": [files["metadata.xml"]]},
        "service": {"sp": {
            "endpoints": {"assertion_consumer_service": [(reply, BINDING_HTTP_POST)]},
            "name_id_format": [NAMEID_FORMAT_PERSISTENT],
            "authn_requests_signed": bool(key),
            "want_response_signed": True,
            "want_assertions_signed": True,
            "allow_unsolicited": False,
            "requested_authn_context": {
                "authn_context_class_ref": ["urn:oasis:names:tc:SAML:2.0:ac:classes:TLSClient"], "comparison": "exact"},
        }},
        "signing_algorithm": RSA_SHA256,
        "digest_algorithm": SHA256,
    }
    if key:
        config |= {"key_file": files["key.pem"], "cert_file": files["cert.pem"]}
    signs[entity] = bool(key)
    providers[entity] = Saml2Client(config=SPConfig().load(config))
    return entity


def redirect(entity, state):
    """Returns the address that the browser is sent to."""
    client = providers[entity]
    ident, info = client.prepare_for_authenticate(
        relay_state=state, binding=BINDING_HTTP_REDIRECT, sign=signs[entity], sigalg=RSA_SHA256)
    outstanding[ident] = "/"
    return dict(info["headers"])["Location"]


def post(entity, state):
    """Returns the SAMLRequest of a form."""
    client = providers[entity]
    ident, info = client.prepare_for_authenticate(
        relay_state=state, binding=BINDING_HTTP_POST, sign=signs[entity], sigalg=RSA_SHA256, digest_alg=SHA256)
    outstanding[ident] = "/"
    page = info["data"] if isinstance(info["data"], str) else "".join(info["data"])
    return page.split('name="SAMLRequest" value="', 1)[1].split('"', 1)[0]


def login(entity, response):
    """Takes an answer and returns who logged in."""
    answer = providers[entity].parse_authn_request_response(response, BINDING_HTTP_POST, outstanding)
    return answer.name_id.text


def confirmed(entity, response):
    """Takes an answer and returns how its subject is confirmed, as far as pysaml2
    finds it confirmed: each method, with the certificate that it names."""
    answer = providers[entity].parse_authn_request_response(response, BINDING_HTTP_POST, outstanding)
    lines = []
    for confirmation in answer.assertion.subject.subject_confirmation:
        certificates = []
        for info in extension_elements_to_elements(confirmation.subject_confirmation_data.extension_elements, [xmldsig]):
            certificates += [c.text for data in info.x509_data for c in [data.x509_certificate]]
        lines.append(" ".join([confirmation.method, *certificates]))
    return "\n".join(lines)


commands = {"version": lambda: version("pysaml2"), "provider": provider, "redirect": redirect, "post": post, "login": login,
            "confirmed": confirmed}

out, sys.stdout = sys.stdout, sys.stderr
for line in sys.stdin:
    name, *encoded = line.rstrip("\n").split(" ")
    try:
        kind, value = "ok", commands[name](*[base64.b64decode(text).decode() for text in encoded])
    except Exception as error:  # pylint: disable=broad-except
        kind, value = "refused" if name in ("login", "confirmed") else "error", f"{type(error).__name__}: {error}"
    out.write(f"{kind} {base64.b64encode(value.encode()).decode()}\n")
    out.flush()
