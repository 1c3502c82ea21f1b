// Package foreign drives implementations of XML Signature, canonicalization,
// encryption and schema validation that other people wrote, so that tests can
// hold ours against them: xmlsec1, the JDK's javax.xml.crypto.dsig, Node's
// xml-crypto, OpenSAML's samlsign, Apache Santuario and xmllint.
//
// It imports nothing of this module. Programs that take long to start run as one
// process for as long as a test lasts, and answer requests line by line. A test
// asks with [Need] for what it uses: where a program is absent the test is
// skipped with the reason, or fails if KECIS_REQUIRE=all is set. install.sh
// installs all of them on Debian.
//
// A program that looked at a document and turned it down gives a *[Refusal]; any
// other error means that it did not get so far. Nothing else here decides
// whether a document is right.
package foreign
